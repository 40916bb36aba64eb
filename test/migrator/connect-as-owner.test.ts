import { cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { createLogger } from '../../lambdas/core/logger.ts'
import { connectAsOwner, type SignIn } from '../../lambdas/migrator/connect-as-owner.ts'
import { migrate } from '../../lambdas/migrator/migrate.ts'
import { freePort } from '../../local/engines/ports.ts'
import { startServer } from '../../local/engines/postgres/server.ts'
import { ownDir } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'

/**
 * A server whose pg_hba.conf treats members of rds_iam as RDS does, first as one that takes no token from them, then as
 * one that takes any. The owner is no superuser and may create roles, as on RDS.
 */
const MIGRATIONS = join(import.meta.dirname, '..', '..', 'migrations')

let dir: string
let server: Awaited<ReturnType<typeof startServer>>
let superuser: pg.Client
let signIns: SignIn[]
const log = createLogger({}, () => undefined)

beforeAll(async () => {
  dir = await ownDir('owner')
  server = await startServer({
    dir: join(dir, 'data'),
    port: await freePort(),
    environment: process.env,
    durability: 'fast',
  })
  superuser = new pg.Client({ connectionString: server.databaseUrl })
  await superuser.connect()
  await superuser.query("create role rds_iam; create role owner login createrole password 'the password'")
  await superuser.query('grant all on schema public to owner')
  const at = new URL(server.databaseUrl)
  const owner = { host: at.hostname, port: Number(at.port), database: at.pathname.slice(1), user: 'owner' }
  signIns = [
    { by: 'an IAM token', config: { ...owner, password: 'a token' } },
    { by: 'the password', config: { ...owner, password: 'the password' } },
  ]
})
afterAll(async () => {
  await superuser.end()
  await server.stop()
  await rm(dir, { recursive: true })
})

/** Puts a line for members of rds_iam before all others. */
async function membersOfRdsIam(method: 'reject' | 'trust'): Promise<void> {
  const { rows } = await superuser.query<{ hba_file: string }>('show hba_file')
  const file = rows[0]?.hba_file ?? ''
  const others = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.includes('+rds_iam'))
  await writeFile(file, [`host all +rds_iam all ${method}`, ...others].join('\n'))
  const loadedAt = async () => (await superuser.query('select pg_conf_load_time()::text as at')).rows[0]?.at
  const before = await loadedAt()
  await superuser.query('select pg_reload_conf()')
  // The server loads the file before it tells its sessions to.
  await until(async () => (await loadedAt()) !== before)
}

async function signInBy(ways: readonly SignIn[]): Promise<string> {
  const client = await connectAsOwner(ways, log)
  await client.end()
  return 'signed in'
}

test('the owner signs in by password, is locked out by its own migrations, and by token ever after', async () => {
  await membersOfRdsIam('reject')
  // The first two migrations, as the owner; without the right of RDS's master to grant rds_iam, which no role has here.
  const first = await ownDir('first-migrations')
  for (const name of ['0001_schema.sql', '0002_roles.sql'])
    await cp(join(MIGRATIONS, name), join(first, name))
  await superuser.query('alter role rds_iam rename to rds_iam_elsewhere')
  const client = await connectAsOwner(signIns, log)
  expect((await migrate(client, first)).applied).toHaveLength(2)
  await client.end()
  await superuser.query('alter role rds_iam_elsewhere rename to rds_iam')
  expect(await signInBy(signIns)).toBe('signed in')

  // Whoever creates a role becomes a member of it: what the functions' roles are granted, the owner has.
  await superuser.query('grant rds_iam to keeper_price_consumer')
  await expect(signInBy(signIns)).rejects.toMatchObject({
    code: 'owner_refused',
    message: expect.stringMatching(/an IAM token: .*pg_hba.*; the password: .*pg_hba/),
  })

  // The same database, with a server that takes a token from members of rds_iam.
  await membersOfRdsIam('trust')
  expect(await signInBy(signIns.slice(0, 1))).toBe('signed in')

  // The migrations make their owner a member of rds_iam outright.
  await migrate(superuser, MIGRATIONS)
  const { rowCount } = await superuser.query(
    "select from pg_auth_members where roleid = 'rds_iam'::regrole and member = current_user::regrole",
  )
  expect(rowCount).toBe(1)
})

test('an error that is not a refusal is thrown as it is', async () => {
  const away = signIns.map(({ by, config }) => ({ by, config: { ...config, port: 1 } }))
  await expect(signInBy(away)).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})
