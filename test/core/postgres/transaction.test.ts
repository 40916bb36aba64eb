import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { PoolClient } from 'pg'
import { createPool } from '../../../lambdas/core/postgres/pool.ts'
import { type TransactionSteps, withTransaction } from '../../../lambdas/core/postgres/transaction.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'

let database: FreshDatabase
let pool: ReturnType<typeof createPool>
beforeEach(async () => {
  database = await freshDatabase()
  pool = createPool({ DATABASE_URL: database.url, DATABASE_AUTHENTICATION: 'password' })
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

const add = async (client: PoolClient, email: string): Promise<number> =>
  (await client.query('insert into users (email) values ($1)', [email])).rowCount ?? 0
const users = async (): Promise<string[]> =>
  (await database.pool.query('select email from users order by id')).rows.map(({ email }) => email)
const run = <Result>(store: TransactionSteps<undefined, Result>['store'], open = async () => undefined) =>
  withTransaction(pool, Date.now() + 20_000, { open, store })

test('what is on its way is committed, in its order, and answered', async () => {
  const answer = await run(async (client) => ({
    answers: Promise.all([add(client, 'first@test'), add(client, 'second@test')]),
  }))
  expect(answer).toEqual([1, 1])
  expect(await users()).toEqual(['first@test', 'second@test'])
})

test('a statement that fails on its way takes the transaction with it, and says why', async () => {
  const failing = run(async (client) => {
    await add(client, 'one@test')
    return { answers: Promise.all([add(client, 'two@test'), client.query('select 1 / 0')]) }
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(await users()).toEqual([])
  expect(await run(async (client) => ({ answers: add(client, 'three@test') }))).toBe(1)
  expect(await users()).toEqual(['three@test'])
})

test('a failure that is passed over is no commit', async () => {
  const swallowing = run(async (client) => {
    await add(client, 'one@test')
    return { answers: client.query('select 1 / 0').catch(() => 'passed over') }
  })
  await expect(swallowing).rejects.toThrow('Postgres answered the commit with ROLLBACK.')
  expect(await users()).toEqual([])
})

test('a question that fails while the transaction begins fails it, and nothing is stored', async () => {
  const failing = withTransaction(pool, Date.now() + 20_000, {
    open: (client) => client.query('select 1 / 0'),
    store: async (client) => ({ answers: add(client, 'one@test') }),
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(await users()).toEqual([])
})

test('a connection that is lost before the commit is answered is replaced, and the work done again', async () => {
  let attempts = 0
  const answer = await run(async (client) => {
    attempts += 1
    const { rows } = await client.query('select pg_backend_pid() as pid')
    if (attempts === 1) await database.pool.query('select pg_terminate_backend($1)', [rows[0].pid])
    return { answers: add(client, `attempt-${attempts}@test`) }
  })
  expect(answer).toBe(1)
  expect(await users()).toEqual(['attempt-2@test'])
})
