import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '..', '..')

test('npx finds keeper in a checkout, without a registry', async () => {
  const cache = await mkdtemp(join(tmpdir(), 'keeper-npm-'))
  const env = { ...process.env, npm_config_cache: cache, npm_config_offline: 'true' }
  try {
    const { stdout } = await run('npx', ['--no-install', 'keeper', 'topics', '--help'], { cwd: ROOT, env })
    expect(stdout).toMatch(/^Usage: keeper topics /)
  } finally {
    await rm(cache, { recursive: true, force: true })
  }
})

test('a Node that is too old starts the one that npm ci brought', async () => {
  const old = `import { registerHooks } from 'node:module'
    Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
    // It lacks what later versions of this module export.
    registerHooks({
      resolve: (name, context, next) =>
        name === 'node:module' ? { url: 'data:text/javascript,', shortCircuit: true } : next(name, context),
    })`
  const { stdout } = await run(process.execPath, [
    ...['--import', `data:text/javascript,${encodeURIComponent(old)}`],
    ...[join(ROOT, 'cli', 'keeper.js'), 'topics', '--help'],
  ])
  expect(stdout).toMatch(/^Usage: keeper topics /)
})
