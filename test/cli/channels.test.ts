import { randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { findKeeper } from '../../client/find.ts'
import { mailState } from '../../client/mail-state.ts'
import { commandLine } from '../../local/engines/process-table.ts'
import { descendants } from '../local/processes.ts'
import { until } from '../local/until.ts'
import { openReceiver, type Receiver } from '../notifier/channels/receiver.ts'
import { type LocalKeeper, localKeeper } from './local-keeper.ts'

/** `keeper channels` and `keeper mail` against a local run: its notifier sends, its SES keeps. */

let running: LocalKeeper
const receivers: Receiver[] = []
/** The run's key of Keepa, which refuses whatever it is asked. */
const KEEPA_KEY = randomBytes(32).toString('hex')
let keepa: Receiver
beforeAll(async () => {
  keepa = await openReceiver((_, response) => void response.writeHead(402).end('{}'))
  Object.assign(process.env, {
    KEEPA_API_KEY: KEEPA_KEY,
    KEEPA_BASE_URL: `http://127.0.0.1:${keepa.port}`,
  })
  running = await localKeeper()
}, 180_000)
// Those of a first run among them.
beforeEach(() => running.database.pool.query('delete from users'))
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})
afterAll(async () => {
  await running?.close()
  await keepa?.close()
}, 60_000)

const receive = async (...args: Parameters<typeof openReceiver>) => {
  const receiver = await openReceiver(...args)
  receivers.push(receiver)
  return receiver
}
const newSecret = () => `whsec_${randomBytes(32).toString('base64')}`

test('a person adds a webhook with a secret that is piped in, and tries it', async () => {
  const receiver = await receive()
  const secret = newSecret()
  const { keeper, piped } = running
  await keeper('users', 'add', 'ada@example.com')
  const added = await piped(
    `${secret}\n`,
    'channels',
    'add',
    'webhook',
    `http://127.0.0.1:${receiver.port}/in`,
  )
  expect(added).toMatchObject({ code: 0, out: '' })
  const [, id = ''] = /keeper channels test (\d+)/.exec(added.said) ?? []
  const tried = await keeper('channels', 'test', id)
  expect(tried).toMatchObject({ code: 0, out: expect.stringMatching(/^webhook http:.*: SENT/) })
  expect(receiver.received).toHaveLength(1)
  expect(receiver.received[0]?.headers['webhook-signature']).toMatch(/^v1,/)
})

test('requirement 12: a test tells the truth about a receiver that refuses', async () => {
  const receiver = await receive((_, response) => void response.writeHead(404).end('inner-secret'))
  const { keeper, piped } = running
  await keeper('users', 'add', 'ada@example.com')
  await piped(newSecret(), 'channels', 'add', 'webhook', `http://127.0.0.1:${receiver.port}/in`)
  const tried = await keeper('channels', 'test')
  expect(tried).toMatchObject({ code: 1, out: expect.stringContaining('FAILED (HTTP 404)') })
  expect(tried.out + tried.said).not.toContain('inner-secret')
})

test('a test reaches the one channel that it names', async () => {
  const [one, other] = [await receive(), await receive()]
  const { keeper, json } = running
  await keeper('users', 'add', 'ada@example.com')
  for (const { port } of [one, other]) {
    await keeper('channels', 'add', 'ntfy', `http://127.0.0.1:${port}/prices`)
  }
  const channels = (await json('channels', 'list')) as { id: string | null; address: string }[]
  const named = channels.find(({ address }) => address.includes(`:${one.port}/`))
  await keeper('channels', 'test', named?.id ?? '')
  expect([one.received.length, other.received.length]).toEqual([1, 0])
  expect(JSON.parse(one.received[0]?.body ?? '')).toMatchObject({ topic: 'prices' })
})

test('a mail lies in the mail folder, and is listed, shown and opened', async () => {
  const { keeper } = running
  await keeper('users', 'add', 'ada@example.com')
  const tried = await keeper('channels', 'test', '--user', 'ada@example.com')
  expect(tried).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^email ada@example.com: SENT \(id \S+\)/),
  })
  const listed = await keeper('mail', 'list')
  expect(listed.out).toContain('ada@example.com')
  const shown = await keeper('mail', 'show')
  expect(shown.out).toMatch(/^From: keeper@keeper\.example\nTo: ada@example\.com\n/)
  expect(shown.out).toMatch(/^X-Keeper-Message-Id: \d+$/m)
  const opened = await keeper('mail', 'open')
  expect(await readFile(opened.out.trim(), 'utf8')).toContain('<html')
})

test('requirement 9: an address that bounces is switched off, visibly, until someone switches it on', async () => {
  const { keeper, json } = running
  const address = 'bounce@simulator.amazonses.com'
  await keeper('users', 'add', address)
  await keeper('channels', 'test')
  const own = async () => ((await json('channels', 'list')) as { disabledReason: string | null }[])[0]
  await until(async () => (await own())?.disabledReason)
  expect((await keeper('channels', 'list')).out).toContain('off: bounced: smtp; 550 5.1.1 user unknown')
  const refused = await keeper('channels', 'test')
  expect(refused).toMatchObject({ code: 1, said: expect.stringContaining('switched off since') })
  expect(await keeper('channels', 'enable')).toMatchObject({ code: 0 })
  expect((await own())?.disabledReason).toBeNull()
})

test('what SES says of the account and the sender is there for a check', async () => {
  const keeper = await findKeeper({ state: running.directory })
  await expect(mailState(keeper)).resolves.toMatchObject({
    from: 'keeper@keeper.example',
    account: { sendingEnabled: true, productionAccess: true, mailsPerSecond: 14 },
    identity: { verified: true, dkim: 'SUCCESS' },
  })
})

test.each([
  ['webhook', 'http://hook.example.com', 'The address of webhook is an https address'],
  ['ntfy', 'https://ntfy.sh/', 'The address of ntfy is the https address of a topic'],
  [
    'slack',
    'https://hooks.slack.com/services/T/B/x',
    "a name such as #prices: Slack's webhook address is the secret",
  ],
  ['telegram', 'me', "The address of telegram is a chat's id"],
  ['pigeon', 'x', 'a channel is one of email'],
])('refuses a channel that cannot work: %s %s', async (kind, address, reason) => {
  await running.keeper('users', 'add', 'ada@example.com')
  const added = await running.piped(newSecret(), 'channels', 'add', kind, address)
  expect(added).toMatchObject({ code: 2, said: expect.stringContaining(reason) })
})

test('a secret is in no answer, no error, no log and no file', async () => {
  const { keeper, piped, directory } = running
  const receiver = await receive((_, response) => void response.writeHead(500).end())
  const secrets = {
    webhook: newSecret(),
    rotated: newSecret(),
    slack: 'https://hooks.example.com/T0/very-secret',
  }
  await keeper('users', 'add', 'ada@example.com')
  const url = `http://127.0.0.1:${receiver.port}/in`
  const said = [
    await piped(secrets.webhook, '--json', 'channels', 'add', 'webhook', url),
    await piped(secrets.rotated, 'channels', 'add', 'webhook', url),
    await piped(secrets.slack, '--json', 'channels', 'add', 'slack', '#prices'),
    await keeper(
      'channels',
      'add',
      'webhook',
      `${url}2`,
      '--secret',
      `${secrets.webhook} ${secrets.rotated} x`,
    ),
    await piped(secrets.webhook, 'channels', 'add', 'slack', secrets.slack),
    await keeper('--json', 'channels', 'list'),
    await keeper('--json', 'channels', 'test'),
    await keeper('channels', 'secret', '99', '--secret', secrets.webhook),
  ]
  const { rows } = await running.database.pool.query<{ text: string }>(
    'select coalesce(request::text, $1) || coalesce(reason, $1) as text from deliveries',
    [''],
  )
  const files = (await readdir(directory, { recursive: true })).filter((name) => /\.(log|json)$/.test(name))
  const logs = files
    .filter((name) => !name.startsWith('cdk.out'))
    .map((name) => readFile(join(directory, name), 'utf8'))
  const everything = [
    JSON.stringify(said),
    ...rows.map(({ text }) => text),
    ...(await Promise.all(logs)),
  ].join()
  expect(receiver.received.length).toBeGreaterThan(0)
  for (const secret of Object.values(secrets)) {
    const part = secret.slice(-20)
    expect(everything).not.toContain(part)
  }
})

test('secrets are in no log, no answer, no list of processes, and in no file but those of the user alone', async () => {
  const receiver = await receive((_, response) => void response.writeHead(500).end())
  const channelSecret = newSecret()
  const { keeper, piped, directory, password, pid } = running
  await keeper('users', 'add', 'ada@example.com')
  const said = [
    await piped(`${channelSecret}\n`, 'channels', 'add', 'webhook', `http://127.0.0.1:${receiver.port}/in`),
    await keeper('channels', 'test'),
    await keeper('channels', 'list'),
    await keeper('--json', 'channels', 'list'),
    await keeper('watches', 'add', 'B07W6JN8V8', '--target', '45'),
    // It asks Keepa, which refuses, and fails.
    await keeper('schedules', 'run', 'price-check', '--wait'),
    await keeper('failed-runs', 'list'),
    await keeper('logs', 'price-check'),
  ]
  expect(said.map(({ out, said: told }) => out + told).join('\n')).toMatch(/keepa/i)
  const { consoleUrl } = JSON.parse(await readFile(join(directory, 'run.json'), 'utf8'))
  const linkKeys = JSON.parse(await readFile(join(directory, 'link-keys.json'), 'utf8'))
  const session = new URL(consoleUrl).hash.slice(1)
  const secrets = { channelSecret, password, KEEPA_KEY, session, link: linkKeys.current }
  const lines = await Promise.all([pid ?? 0, ...descendants(pid)].map(commandLine))
  expect(lines.length).toBeGreaterThan(2)

  const names = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name))
  expect(files.filter((file) => file.endsWith('.log')).length).toBeGreaterThan(3)
  const found: string[] = []
  for (const [name, secret] of Object.entries(secrets)) {
    expect(secret.length).toBeGreaterThan(20)
    if (JSON.stringify(said).includes(secret)) found.push(`${name} in an answer`)
    if (lines.some((line) => line?.includes(secret))) found.push(`${name} in a list of processes`)
    for (const file of files) {
      if (!(await readFile(file)).includes(secret)) continue
      const { mode } = await stat(file)
      found.push(`${name} in ${file.slice(directory.length + 1)}, ${(mode & 0o777).toString(8)}`)
    }
  }
  expect(found.toSorted()).toEqual([
    'link in link-keys.json, 600',
    'password in run.json, 600',
    'session in run.json, 600',
  ])
}, 120_000)
