import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

/** Which part may import which: the linter's rules (biome.json) hold for folders that do not exist yet. */
const ROOT = join(import.meta.dirname, '..')
const BIOME = join(ROOT, 'node_modules', '.bin', 'biome')

/** The files of `cases`, each with its one import, that the linter refuses. */
async function refused(cases: readonly (readonly [string, string])[]): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'dependencies-'))
  const { vcs: _, ...rules } = JSON.parse(await readFile(join(ROOT, 'biome.json'), 'utf8'))
  await writeFile(join(dir, 'biome.json'), JSON.stringify({ ...rules, root: true }))
  for (const [index, [folder, specifier]] of cases.entries()) {
    await mkdir(join(dir, folder), { recursive: true })
    await writeFile(join(dir, folder, `case-${index}.ts`), `import { x } from '${specifier}'\nx()\n`)
  }
  const args = [
    'lint',
    '--max-diagnostics=none',
    '--only=style/noRestrictedImports',
    '--reporter=github',
    '.',
  ]
  const { stdout, stderr } = spawnSync(BIOME, args, { cwd: dir, encoding: 'utf8' })
  await rm(dir, { recursive: true })
  const found = [...(stdout + stderr).matchAll(/noRestrictedImports,file=\S*case-(\d+)\.ts/g)]
  return found.map(([, index]) => caseOf(cases[Number(index)] ?? ['', ''])).toSorted()
}

const caseOf = ([folder, specifier]: readonly [string, string]): string => `${folder}: ${specifier}`

test('the linter refuses what would tie parts together', async () => {
  const cases = [
    ['lambdas/core', '../consumers/price-consumer/handler.ts'],
    ['lambdas/core/consuming', '../../operator'],
    ['lambdas/core/consuming', 'aws-cdk-lib'],
    ['lambdas/consumers/search-indexer', '../price-consumer/price-consumer.ts'],
    ['lambdas/consumers/search-indexer', '../../producers/price-check/handler.ts'],
    ['lambdas/consumers/search-indexer', '../../migrator/migrate.ts'],
    ['lambdas/producers/price-check', '../../../lib/config.ts'],
    ['lambdas/notifier', '../migrator/migrate.ts'],
    ['lambdas/notifier', '../../local/market/market.ts'],
    ['lambdas/bootstrap-brokers', '../migrator/migrate.ts'],
    ['lambdas/operator/kafka', '../../notifier'],
    ['lib/constructs/kafka', '../../../lambdas/core/postgres/pool.ts'],
    ['lib', '../lambdas/core/clients.ts'],
    ['lib', '../lambdas/migrator/migrate.ts'],
    ['bin', 'kafkajs'],
    ['local', '../lambdas/migrator/migrate.ts'],
    ['local/engines/kafka', '../../../lib/config.ts'],
    ['local/cloud', '../differences.ts'],
    ['local/cloud/lambda', '../../../lambdas/core/errors.ts'],
    ['local/cloud/lambda/runtime', '../../../facts.ts'],
    ['client', '../lambdas/core/postgres/pool.ts'],
    ['cli/commands', '../../local/run-state.ts'],
    ['console/web', '../../lib/config.ts'],
    ['bench', '../lib/config.ts'],
    ['bench', '../test/helpers/kafka.ts'],
  ] as const
  expect(await refused(cases)).toEqual(cases.map(caseOf).toSorted())
})

test('the linter lets parts import what they build on', async () => {
  const cases = [
    ['lambdas/core/consuming', '../postgres/transaction.ts'],
    ['lambdas/consumers/search-indexer', '../../core/consuming/consume.ts'],
    ['lambdas/consumers/search-indexer', './documents.ts'],
    ['lambdas/operator/kafka', '../operation.ts'],
    ['lambdas/operator/kafka', '../../core/kafka/client.ts'],
    ['lambdas/migrator', '../core/errors.ts'],
    ['lib/constructs/kafka', '../../../lambdas/core/topics.ts'],
    ['local', '../lambdas/core/topics.ts'],
    ['local/cloud/lambda', '../template/template.ts'],
    ['client', '../lambdas/operator/operations.ts'],
    ['bench', '../lambdas/consumers/price-consumer/price-consumer.ts'],
  ] as const
  expect(await refused(cases)).toEqual([])
})
