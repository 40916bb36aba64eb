import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ALLOWED, licencesPage } from '../../bin/licences-page.ts'
import { existingContext } from '../lib/existing-parts.ts'

const run = promisify(execFile)
const PROJECT_ROOT = join(import.meta.dirname, '..', '..')
/** What a consumer's bundle may weigh, minified: a cold start reads all of it. */
const CONSUMER_LIMIT_BYTES = 124_000

interface FunctionResource {
  readonly Type: string
  readonly Metadata: Readonly<Record<string, string>>
  readonly Properties: {
    readonly Environment?: { readonly Variables?: { readonly KEEPER_FUNCTION?: string } }
  }
}

/** Without CloudFormation's rules, which take seconds. */
const UNCHECKED = { CDK_VALIDATION: 'false' }

const CONSUMERS = ['price-consumer', 'deal-consumer', 'search-indexer']

const WHOLE = { mailFrom: 'keeper@example.com', publicLinks: 'on', search: 'on' }

const outdirs: string[] = []

/** Runs bin/keeper.ts as `npm run local` does, without the CDK's command line, a region or credentials. */
async function synthesize(
  context: Record<string, unknown> = {},
  environment: Record<string, string> = {},
): Promise<string> {
  const outdir = await mkdtemp(join(tmpdir(), 'keeper-synth-'))
  outdirs.push(outdir)
  const { PATH, HOME } = process.env
  await run(process.execPath, ['bin/keeper.ts'], {
    cwd: PROJECT_ROOT,
    env: { PATH, HOME, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: JSON.stringify(context), ...environment },
  })
  return outdir
}

const templatesIn = async (outdir: string) =>
  Promise.all(
    (await readdir(outdir))
      .filter((file) => /\.(template|assets)\.json$/.test(file))
      .sort()
      .map(async (file) => [file, await readFile(join(outdir, file), 'utf8')]),
  )

async function functionsIn(outdir: string): Promise<Map<string, FunctionResource>> {
  const functions = new Map<string, FunctionResource>()
  for (const file of await readdir(outdir)) {
    if (!file.endsWith('.template.json')) continue
    const { Resources } = JSON.parse(await readFile(join(outdir, file), 'utf8'))
    for (const resource of Object.values<FunctionResource>(Resources)) {
      const name = resource.Properties?.Environment?.Variables?.KEEPER_FUNCTION
      if (resource.Type === 'AWS::Lambda::Function' && name) functions.set(name, resource)
    }
  }
  return functions
}

afterAll(() => Promise.all(outdirs.map((outdir) => rm(outdir, { recursive: true, force: true }))))

describe('the app, run without the command line', () => {
  let outdir: string
  let functions: Map<string, FunctionResource>

  beforeAll(async () => {
    outdir = await synthesize(WHOLE)
    functions = await functionsIn(outdir)
  })

  const bundleOf = (name: string) =>
    join(outdir, functions.get(name)?.Metadata['aws:asset:path'] ?? `no asset of ${name}`, 'index.mjs')

  test('writes seven stacks named after the stage', async () => {
    const templates = (await readdir(outdir)).filter((file) => file.endsWith('.template.json'))
    expect(templates.sort()).toEqual([
      'keeper-dev-data.template.json',
      'keeper-dev-monitoring.template.json',
      'keeper-dev-network.template.json',
      'keeper-dev-notification.template.json',
      'keeper-dev-operations.template.json',
      'keeper-dev-pipeline.template.json',
      'keeper-dev-search.template.json',
    ])
  })

  test('says of each function which construct it is and where its bundle lies', async () => {
    expect([...functions.keys()].sort()).toEqual([
      'bootstrap-brokers',
      'daily-deal-report',
      'deal-collector',
      'deal-consumer',
      'history-import',
      'links',
      'mail-events',
      'maintenance',
      'migrator',
      'notifier',
      'operator',
      'operator-reader',
      'price-check',
      'price-consumer',
      'search-access',
      'search-indexer',
    ])
    for (const [name, { Metadata }] of functions) {
      expect(Metadata['aws:cdk:path']).toContain(`/${name}/${name}/Resource`)
      expect((await stat(bundleOf(name))).size).toBeGreaterThan(0)
    }
  })

  test('puts the migrations beside the migrator', async () => {
    const bundled = await readdir(join(bundleOf('migrator'), '..', 'migrations'))
    expect(bundled.sort()).toEqual((await readdir(join(PROJECT_ROOT, 'migrations'))).sort())
  })

  test('bundles functions that Node loads and that export a handler', async () => {
    const names = [...functions.keys()]
    const { stdout } = await run(process.execPath, [
      '--input-type=module',
      '--eval',
      `for (const bundle of ${JSON.stringify(names.map(bundleOf))}) {
        const { handler } = await import(bundle)
        console.log(typeof handler)
      }
      process.exit()`,
    ])
    expect(stdout.trim().split('\n')).toEqual(names.map(() => 'function'))
  })

  test.each(CONSUMERS)('puts no AWS client into the bundle of %s', async (name) => {
    const { sources } = JSON.parse(await readFile(`${bundleOf(name)}.map`, 'utf8')) as { sources: string[] }
    expect(sources.length).toBeGreaterThan(50)
    expect(sources.filter((source) => /@aws-sdk|kafkajs/.test(source))).toEqual([])
  })

  test('ships what docs/licences.md lists (npm run licences), under licences that allow it', async () => {
    const maps = await Promise.all(
      [...functions.keys()].map((name) => readFile(`${bundleOf(name)}.map`, 'utf8')),
    )
    const page = await readFile(join(PROJECT_ROOT, 'docs', 'licences.md'), 'utf8')
    expect(page).toBe(
      await licencesPage(maps.flatMap((map) => (JSON.parse(map) as { sources: string[] }).sources)),
    )
    const licences = [...page.matchAll(/^\| \S+ \| \S+ \| ([^|]+) \| /gm)].map(([, licence]) => licence)
    expect(licences.length).toBeGreaterThan(30)
    expect(
      licences.filter((licence) => licence !== 'licence' && !ALLOWED.some((each) => each === licence)),
    ).toEqual([])
  })

  test.each(CONSUMERS)('keeps the bundle of %s small', async (name) => {
    expect((await stat(bundleOf(name))).size).toBeLessThanOrEqual(CONSUMER_LIMIT_BYTES)
  })

  test('writes the same templates, byte for byte, when it is run again', async () => {
    const templates = await templatesIn(outdir)
    expect(templates).toHaveLength(14)
    expect(await templatesIn(await synthesize(WHOLE, UNCHECKED))).toEqual(templates)
  })
})

describe('the templates', () => {
  test('without a sender say what becomes of alerts', async () => {
    const outdir = await synthesize({ 'aws:cdk:bundling-stacks': [] }, UNCHECKED)
    const said = await readFile(join(outdir, 'keeper-dev-notification.metadata.json'), 'utf8')
    expect(said).toContain('an alert of someone without another channel ends as FAILED')
    expect([...(await functionsIn(outdir)).keys()]).not.toContain('mail-events')
  })

  test('say of existing parts what nobody can know at synth', async () => {
    const outdir = await synthesize({ ...existingContext, 'aws:cdk:bundling-stacks': [] }, UNCHECKED)
    const said = (
      await Promise.all(
        ['network', 'data'].map((stack) =>
          readFile(join(outdir, `keeper-dev-${stack}.metadata.json`), 'utf8'),
        ),
      )
    ).join()
    expect(said).toContain('that the private subnets of vpc-0123456789abcdef0 reach the internet')
    expect(said).toContain('cluster/shared/11111111-2222-3333-4444-555555555555-6 is provisioned')
    expect(said).toContain('that shared runs PostgreSQL 17 or later')
  })

  test('of the largest size pass the rules of CloudFormation and of the pipeline', async () => {
    const outdir = await synthesize({ size: 'large', stage: 'prod', 'aws:cdk:bundling-stacks': [] })
    expect(await readdir(outdir)).toContain('keeper-prod-pipeline.template.json')
  })

  test('are not written for a size that does not exist', async () => {
    await expect(synthesize({ size: 'huge' })).rejects.toThrow(
      'There is no size profile "huge": set -c size=<name> to one of dev, small, large.',
    )
  })
})
