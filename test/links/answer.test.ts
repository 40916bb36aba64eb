import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda'
import pg from 'pg'
import { type Link, type LinkScope, signLink } from '../../lambdas/core/mail/link-tokens.ts'
import { answer } from '../../lambdas/links/answer.ts'
import { KnownKeys } from '../../lambdas/links/known-keys.ts'
import { type FreshDatabase, freshDatabase } from '../helpers/database.ts'
import { watch } from '../helpers/tables.ts'

const KEYS = { current: 'a key for tests, as long as a key must at least be' }

let database: FreshDatabase
let pool: pg.Pool
let user: string
let watchId: string
beforeEach(async () => {
  database = await freshDatabase()
  // Its own user of the database, with the rights that the function has.
  pool = new pg.Pool({ connectionString: database.url, max: 1, options: '-c role=keeper_links' })
  const [id = ''] = await watch(database.pool, {}, 45)
  watchId = id
  const { rows } = await database.pool.query<{ user_id: string }>('select user_id from watches')
  user = rows[0]?.user_id ?? ''
})
afterEach(async () => {
  await pool.end()
  await database.drop()
})

interface Sent {
  readonly method?: string
  readonly body?: string
  readonly type?: string
}

function ask(token: string, { method = 'GET', body, type }: Sent = {}) {
  const event = {
    rawPath: `/${token}`,
    headers: type === undefined ? {} : { 'content-type': type },
    requestContext: { http: { method } },
    body: body === undefined ? undefined : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined,
  } as unknown as LambdaFunctionURLEvent
  const keys = new KnownKeys(async () => JSON.stringify(KEYS))
  return answer(event, { pool: () => pool, keys })
}

const FORM = 'application/x-www-form-urlencoded'
const post = (token: string, body: string, type = FORM) => ask(token, { method: 'POST', body, type })
const tokenOf = (scope: LinkScope, userId = user) => signLink(KEYS, { userId, scope } satisfies Link)

const standing = async (): Promise<string> => {
  const { rows } = await database.pool.query<{ standing: string }>(
    `select concat_ws(' ', (select string_agg(status, ',') from watches),
       (select string_agg(kind, ',' order by kind) from left_kinds)) as standing`,
  )
  return rows[0]?.standing ?? ''
}

describe('requirement 15: leaving is easy', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])('%s changes nothing', async (method) => {
    for (const scope of [`watch:${watchId}`, 'kind:alert', 'all'] as const)
      await ask(tokenOf(scope), { method })
    expect(await standing()).toBe('ACTIVE')
  })

  test('a page says what its button ends, and after it how to take that up again', async () => {
    const page = await ask(tokenOf(`watch:${watchId}`))
    expect(page.statusCode).toBe(200)
    expect(page.body).toContain('Logitech K380 (amazon.de)')
    expect(page.body).toMatch(
      /<form method="post"><button type="submit" name="do" value="leave">Pause this watch</,
    )
    const after = await post(tokenOf(`watch:${watchId}`), 'do=leave')
    expect(after.body).toMatch(/value="return">Resume this watch</)
    expect(await standing()).toBe('PAUSED')
    expect((await post(tokenOf(`watch:${watchId}`), 'do=return')).body).toContain('value="leave"')
    expect(await standing()).toBe('ACTIVE')
  })

  test('a mail program leaves with one click, in either encoding and as often as it likes', async () => {
    const boundary =
      '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
    for (const [body, type] of [
      ['List-Unsubscribe=One-Click', FORM],
      ['List-Unsubscribe=One-Click', FORM],
      [boundary, 'multipart/form-data; boundary=x'],
    ] as const) {
      expect((await post(tokenOf('kind:report'), body, type)).statusCode).toBe(200)
      expect(await standing()).toBe('ACTIVE report')
    }
    await post(tokenOf('kind:report'), 'do=return')
    expect(await standing()).toBe('ACTIVE')
  })

  test('one kind left leaves the others, and all of them can be left at once', async () => {
    const page = await post(tokenOf('kind:notice'), 'do=leave')
    expect(await standing()).toBe('ACTIVE notice')
    expect(page.body).toContain('You get no notices about watches any more.')
    const [, all = ''] = /href="\/([^"]+)"/.exec((await ask(tokenOf('kind:alert'))).body ?? '') ?? []
    await post(all, 'do=leave')
    expect(await standing()).toBe('ACTIVE alert,notice,report')
    await post(tokenOf('kind:alert'), 'do=return')
    expect((await ask(all)).body).toContain('value="leave"')
    await post(all, 'do=return')
    expect(await standing()).toBe('ACTIVE')
  })

  test('nobody learns anything from a link that is wrong, of another user, or for what is gone', async () => {
    const answers = [
      await ask('anything'),
      await ask(tokenOf('kind:alert').slice(0, -1)),
      await post(`${tokenOf('kind:alert')}x`, 'do=leave'),
      await post(tokenOf(`watch:${watchId}`).replace(`.${user}.`, `.${Number(user) + 1}.`), 'do=leave'),
      await post(tokenOf(`watch:${watchId}`, '999'), 'do=leave'),
      await post(tokenOf('kind:alert', '999'), 'do=leave'),
      await ask(tokenOf('watch:999')),
      await ask(
        signLink({ current: 'another key that is as long as a key must be' }, { userId: user, scope: 'all' }),
      ),
    ]
    const [first] = answers
    expect(first?.statusCode).toBe(404)
    for (const other of answers) expect(other).toEqual(first)
    expect(await standing()).toBe('ACTIVE')
  })

  test('a form that asks for nothing changes nothing', async () => {
    for (const body of ['', 'do=anything', 'List-Unsubscribe=', `do=leave${'&x=1'.repeat(2_000)}`]) {
      expect((await post(tokenOf('all'), body)).statusCode).toBe(400)
    }
    expect((await post(tokenOf('all'), 'do=leave', 'multipart/form-data')).statusCode).toBe(400)
    expect(await standing()).toBe('ACTIVE')
  })

  test('the page speaks its user’s language', async () => {
    await database.pool.query("update users set locale = 'de-AT'")
    const { body } = await ask(tokenOf('kind:alert'))
    expect(body).toContain('<html lang="de">')
    expect(body).toContain('Keine Preismeldungen mehr')
  })
})

test('a title of the market is text, and no address of a person is on any page', async () => {
  await database.pool.query(`update watched_products set title = '<script>alert(1)</script>'`)
  const { body } = await ask(tokenOf(`watch:${watchId}`))
  expect(body).toContain('&lt;script>alert(1)')
  expect(body).not.toMatch(/@test|<script/)
})

test('every answer forbids scripts, frames, caches and telling others the address', async () => {
  const hasRules = ({ headers = {}, body = '' }: APIGatewayProxyStructuredResultV2) => {
    expect(headers).toMatchObject({ 'referrer-policy': 'no-referrer', 'cache-control': 'no-store' })
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[^;]+; form-action 'self'/,
    )
    expect(body).not.toMatch(/ style=| on\w+=|src=/)
  }
  hasRules(await ask(tokenOf('all')))
  hasRules(await ask('wrong'))
  hasRules(await post(tokenOf('all'), 'nothing=1'))
})

test('a key that came after the function started is found, and a made-up one is not looked for each time', async () => {
  let text = JSON.stringify(KEYS)
  let reads = 0
  let nowMs = 0
  const keys = new KnownKeys(
    async () => {
      reads += 1
      return text
    },
    () => nowMs,
  )
  const next = { current: 'the next key, as long as a key must at least be', previous: KEYS.current }
  const link: Link = { userId: '1', scope: 'all' }
  expect(await keys.check(signLink(KEYS, link))).toEqual(link)
  text = JSON.stringify(next)
  nowMs = 61_000
  expect(await keys.check(signLink(next, link))).toEqual(link)
  for (let i = 0; i < 5; i += 1) await keys.check(`1.abcdef01.1.all.${'A'.repeat(43)}`)
  expect(reads).toBe(2)
})

test('the public page’s database user sees no address and changes nothing else', async () => {
  for (const statement of [
    'select email from users',
    'update users set email = null',
    'delete from users',
    'select target_price from watches',
    'update watches set target_price = 1',
    'update watches set user_id = 1',
    'delete from watches',
    'select current_price from watched_products',
    'select from price_alerts',
    'select from price_history',
    'select left_at from left_kinds',
    'update left_kinds set user_id = 1',
  ]) {
    const outcome = await pool.query(statement).then(
      () => 'was let',
      ({ code }) => code,
    )
    expect([statement, outcome]).toEqual([statement, '42501'])
  }
})
