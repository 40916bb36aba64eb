import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { type Operators, operatorsOf } from '../operators.ts'

let database: FreshDatabase
let operators: Operators
beforeAll(async () => {
  database = await freshDatabase()
  operators = operatorsOf(database.url)
})
beforeEach(async () => {
  await database.pool.query('delete from users')
  await operators.ask('users.add', { email: 'ada@example.com' })
})
afterAll(async () => {
  await operators.close()
  await database.drop()
})

const KEY = `whsec_${Buffer.alloc(32, 1).toString('base64')}`
const NEWER = `whsec_${Buffer.alloc(32, 2).toString('base64')}`
const HOOK = { kind: 'webhook', address: 'https://hook.example.com/in', secret: KEY }

const secretOf = async (id: string | null) =>
  (
    await database.pool.query<{ secret: string }>('select secret from notification_channels where id = $1', [
      id,
    ])
  ).rows[0]?.secret

describe('channels', () => {
  test('a channel keeps its secret when it is added again, and gets another by an operation of its own', async () => {
    const { id, created } = await operators.ask('channels.add', HOOK)
    expect(created).toBe(true)
    await expect(operators.ask('channels.add', { ...HOOK, secret: NEWER })).resolves.toMatchObject({
      id,
      created: false,
    })
    expect(await secretOf(id)).toBe(KEY)
    await operators.ask('channels.secret', { id, secret: `${NEWER} ${KEY}` })
    expect(await secretOf(id)).toBe(`${NEWER} ${KEY}`)
  })

  test('the list has the own e-mail first, and no secret', async () => {
    await operators.ask('channels.add', HOOK)
    const { rows } = await operators.ask('channels.list')
    expect(rows.map(({ kind, address }) => [kind, address])).toEqual([
      ['email', 'ada@example.com'],
      ['webhook', HOOK.address],
    ])
    expect(JSON.stringify(rows)).not.toContain(KEY)
  })

  test('the list of one user has nobody else in it', async () => {
    await operators.ask('users.add', { email: 'bob@example.com' })
    await operators.ask('channels.add', { ...HOOK, user: 'bob@example.com' })
    const { rows } = await operators.ask('channels.list', { user: 'ada@example.com' })
    expect(rows.map(({ user }) => user)).toEqual(['ada@example.com'])
  })

  test.each([
    ['webhook', 'https://someone:word@hook.example.com', KEY, 'without a user name'],
    ['webhook', HOOK.address, 'my password', 'whsec_ and 24 to 64 bytes'],
    ['webhook', HOOK.address, undefined, 'whsec_ and 24 to 64 bytes'],
    ['webhook', HOOK.address, `${KEY} ${KEY} ${KEY}`, 'or two of them'],
    ['email', 'ada', undefined, 'an e-mail address such as'],
    ['email', 'müller@example.com', undefined, 'an e-mail address such as'],
    ['ntfy', 'https://ntfy.sh/a topic', undefined, 'the https address of a topic'],
    ['ntfy', 'https://ntfy.sh/prices', 'tk_1\r\nx-header: 1', 'an access token'],
    ['discord', 'https://discord.com/api/webhooks/1/x', undefined, 'is the secret'],
    ['telegram', '-1001', 'my token', "the bot's token"],
  ])('refuses %s %s with the secret %j, and repeats none', async (kind, address, secret, reason) => {
    const asked = operators.ask('channels.add', { kind, address, secret })
    await expect(asked).rejects.toMatchObject({
      code: 'bad_channel',
      message: expect.stringContaining(reason),
    })
    if (secret) await expect(asked).rejects.not.toThrow(secret)
    expect((await operators.ask('channels.list')).rows).toHaveLength(1)
  })

  test('a channel that was switched off is not tried, and works again once it is switched on', async () => {
    const { id } = await operators.ask('channels.add', HOOK)
    await database.pool.query(
      `update notification_channels set disabled_at = now(), disabled_reason = 'HTTP 410' where id = $1`,
      [id],
    )
    await expect(operators.ask('channels.test', { id })).rejects.toMatchObject({
      code: 'channel_disabled',
      message: expect.stringContaining('HTTP 410'),
    })
    await expect(operators.ask('channels.enable', { id })).resolves.toMatchObject({ disabledAt: null })
    const { messageId } = await operators.ask('channels.test', { id })
    await expect(operators.ask('channels.outcome', { messageId })).resolves.toEqual({
      status: 'PENDING',
      reason: null,
      deliveries: [],
    })
  })

  test('a channel that is not there is answered with those near it', async () => {
    const { id } = await operators.ask('channels.add', HOOK)
    await expect(operators.ask('channels.remove', { id: '999999' })).rejects.toMatchObject({
      code: 'no_such_channel',
      message: expect.stringContaining(`channels near it: ${id}`),
    })
    await operators.ask('channels.remove', { id })
    expect((await operators.ask('channels.list')).rows).toHaveLength(1)
  })
})
