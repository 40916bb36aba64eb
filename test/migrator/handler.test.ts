import { cp, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { build } from 'esbuild'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { ownDir } from '../helpers/stoppable.ts'
import { invoke } from '../producers/invoke.ts'

const ROOT = join(import.meta.dirname, '..', '..')

let bundle: string
let database: FreshDatabase

/** As the function's bundle is: one module, and the migrations beside it. */
async function makeBundle(): Promise<string> {
  const directory = await ownDir('migrator')
  await build({
    entryPoints: [join(ROOT, 'lambdas/migrator/handler.ts')],
    outfile: join(directory, 'index.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['pg-native'],
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    logLevel: 'silent',
  })
  await cp(join(ROOT, 'migrations'), join(directory, 'migrations'), { recursive: true })
  return directory
}

beforeAll(async () => {
  bundle = await makeBundle()
})
beforeEach(async () => {
  database = await freshDatabase()
  await database.pool.query('drop schema public cascade; create schema public')
})
afterEach(() => database.drop())

const run = (overrides: Readonly<Record<string, string>> = {}) =>
  invoke(join(bundle, 'index.mjs'), {
    DATABASE_URL: database.url,
    DATABASE_AUTHENTICATION: 'password',
    ...overrides,
  })

test('applies the migrations that lie beside it, and none of them again', async () => {
  const names = (await readdir(join(ROOT, 'migrations'))).filter((name) => name.endsWith('.sql')).toSorted()
  expect(await run()).toMatchObject({ result: { applied: names }, stderr: '' })
  expect(await run()).toMatchObject({ result: { applied: [] } })
})

test('a failure is one error line, with the file and the reason', async () => {
  await run()
  await database.pool.query("update schema_migrations set checksum = 'other' where version = 1")
  const { error, lines } = await run()
  expect(error).toMatchObject({ code: 'migration_changed' })
  expect(lines).toMatchObject([{ level: 'ERROR', function: 'migrator', errorCode: 'migration_changed' }])
})

test('a connection that ends in the middle is an error of the invocation, not the end of the process', async () => {
  bundle = await makeBundle()
  const fatal = 'select pg_terminate_backend(pg_backend_pid())'
  await writeFile(join(bundle, 'migrations', '9000_fatal.sql'), fatal)
  const { error, stderr } = await run()
  expect(error).toMatchObject({
    code: 'migration_failed',
    message: expect.stringContaining('9000_fatal.sql'),
  })
  expect(stderr).toBe('')
  bundle = await makeBundle()
})

test('a database that does not answer is named by its error', async () => {
  const { error } = await run({ DATABASE_URL: 'postgresql://keeper@localhost:1/keeper' })
  expect(error).toMatchObject({ code: 'ECONNREFUSED' })
})
