import { spawnSync } from 'node:child_process'
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readlink,
  realpath,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { freePort } from '../../../../local/engines/ports.ts'
import { eraseData, programPlace } from '../../../../local/engines/postgres/places.ts'
import { type Server, startServer } from '../../../../local/engines/postgres/server.ts'
import { serverUser } from '../../../../local/engines/postgres/server-user.ts'
import { commandLine } from '../../../../local/engines/process-table.ts'

let home: string
let dir: string
const servers: Server[] = []
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'keeper-home-'))
  await chmod(home, 0o755)
  dir = join(home, 'state', 'postgres')
})
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.stop()))
  await eraseData(dir, await serverUser())
  await rm(home, { recursive: true, force: true })
})

const start = async (): Promise<Server> => {
  const server = await startServer({
    dir,
    port: await freePort(),
    environment: process.env,
    durability: 'fast',
  })
  servers.push(server)
  return server
}
const setting = async ({ databaseUrl }: Server, name: string): Promise<string> => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  const { rows } = await client.query<Record<string, string>>(`SHOW ${name}`).finally(() => client.end())
  return Object.values(rows[0] ?? {}).join()
}
const run = async ({ databaseUrl }: Server, sql: string) => {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  return client.query(sql).finally(() => client.end())
}

describe('startServer', () => {
  test('is PostgreSQL 18 in UTC, open to this machine only', async () => {
    const server = await start()
    expect(await setting(server, 'server_version')).toMatch(/^18\./)
    expect(await setting(server, 'timezone')).toBe('UTC')
    expect(await setting(server, 'listen_addresses')).toBe('127.0.0.1')
    expect(await setting(server, 'max_connections')).toBe('100')
  })

  test('starts where a crash left its lock file, and another program has that pid now', async () => {
    await (await start()).stop()
    await writeFile(join(dir, 'postmaster.pid'), `${process.pid}\n${dir}\n`)
    expect(await setting(await start(), 'server_version')).toMatch(/^18\./)
  })

  test('takes a data folder that was cut short for none', async () => {
    await mkdir(`${dir}.partial`, { recursive: true })
    await writeFile(join(`${dir}.partial`, 'PG_VERSION'), '18\n')
    expect(await setting(await start(), 'server_version')).toMatch(/^18\./)
  })

  test('refuses data of another major version', async () => {
    await mkdir(dir, { recursive: true })
    await chmod(join(home, 'state'), 0o755)
    await writeFile(join(dir, 'PG_VERSION'), '16\n')
    await expect(start()).rejects.toMatchObject({
      code: 'postgres_data_version',
      message: expect.stringContaining('data of PostgreSQL 16'),
    })
  })

  test('shows the end of its log where it cannot start', async () => {
    await (await start()).stop()
    await writeFile(join(dir, 'postgresql.conf'), 'no_such_setting = on\n')
    await expect(start()).rejects.toMatchObject({
      code: 'postgres_not_started',
      message: expect.stringContaining('no_such_setting'),
    })
  })
})

// Only root runs Postgres as somebody else, who may be shut out of the checkout.
const describeAsRoot = process.getuid?.() === 0 ? describe : describe.skip

describeAsRoot('startServer as root in a home that is closed to others', () => {
  beforeEach(() => chmod(home, 0o700))

  test('keeps the data outside, behind a link, and finds it again', async () => {
    const first = await start()
    await run(first, 'CREATE TABLE kept AS SELECT 1 AS id')
    await first.stop()
    expect(await readlink(dir)).toMatch(/^\/var\/tmp\/keeper-postgres-[0-9a-f]{12}\/data$/)
    expect((await run(await start(), 'SELECT id FROM kept')).rows).toEqual([{ id: 1 }])
    expect((await stat(home)).mode & 0o777).toBe(0o700)
  })

  test('starts empty where the link was deleted with the state folder', async () => {
    const first = await start()
    await run(first, 'CREATE TABLE kept AS SELECT 1 AS id')
    await first.stop()
    await rm(join(home, 'state'), { recursive: true })
    await expect(run(await start(), 'SELECT id FROM kept')).rejects.toMatchObject({ code: '42P01' })
  })

  test('erases what is outside too', async () => {
    const server = await start()
    await server.stop()
    const outside = await readlink(dir)
    await eraseData(dir, await serverUser())
    await expect(stat(outside)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('runs programs of a closed node_modules from a copy', async () => {
    const native = join(home, 'native')
    await mkdir(join(native, 'bin'), { recursive: true })
    await cp('/bin/sh', join(native, 'bin', 'postgres'))
    const user = await serverUser()
    const place = await programPlace(native, '18.0', user)
    expect(place).toMatch(/^\/var\/tmp\/keeper-native-[0-9a-f]{12}\/postgres-18\.0$/)
    expect(spawnSync(join(place, 'bin', 'postgres'), ['-c', 'exit 7'], { ...user, cwd: '/' }).status).toBe(7)
    expect(await programPlace(native, '18.0', user)).toBe(place)
    await rm(join(place, '..'), { recursive: true })
  })

  test('opens what it keeps outside to the server, whatever the umask and the files of node_modules are', async () => {
    const umask = process.umask(0o077)
    try {
      const native = join(home, 'native')
      await mkdir(join(native, 'bin'), { recursive: true })
      await mkdir(join(native, 'lib'))
      await copyFile(await realpath('/bin/sh'), join(native, 'bin', 'postgres'))
      await chmod(join(native, 'bin', 'postgres'), 0o700)
      await writeFile(join(native, 'lib', 'shared'), 'exit 7')
      const user = await serverUser()
      const place = await programPlace(native, '18.0', user)
      const args = [join(place, 'lib', 'shared')]
      expect(spawnSync(join(place, 'bin', 'postgres'), args, { ...user, cwd: '/' }).status).toBe(7)
      await rm(join(place, '..'), { recursive: true })
      expect((await run(await start(), 'SELECT 1 AS id')).rows).toEqual([{ id: 1 }])
    } finally {
      process.umask(umask)
    }
  })

  test('leaves no process behind', async () => {
    const server = await start()
    await server.stop()
    expect(await commandLine(server.pid)).toBeUndefined()
  })
})
