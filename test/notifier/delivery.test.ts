import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { until } from '../local/until.ts'
import { alert, channel, type Notifying, notifying } from './notifying.ts'
import { recordingSenders, renderPlain } from './recording-senders.ts'

let notifier: Notifying
beforeEach(async () => {
  notifier = await notifying()
})
afterEach(() => notifier.close())

const sent = () => notifier.service.requests
const alerts = () =>
  notifier.query(
    'select status, reason, notification_channel, sent_at is not null as sent, told_price from price_alerts order by id',
  )
const messages = () =>
  notifier.query('select kind, status, reason, attempts, lease_token from messages order by id')
const trail = () =>
  notifier.query('select channel_kind, attempt, status, reason, provider_id from deliveries order by id')
/** Time passes until every pause is over. */
const later = () => notifier.query("update messages set due_at = now() where status = 'PENDING'")

describe('requirements 3 and 4: one change, one message', () => {
  test('an alert becomes one message to the e-mail of a user who has no channel', async () => {
    await alert(notifier, { price: 40, previous: 60 })
    expect(await notifier.run()).toMatchObject({ alertsGathered: 1, deliveriesSent: 1, stopped: null })
    expect(sent()).toMatchObject([{ path: '/email', to: expect.stringMatching(/@test$/) }])
    expect(sent()[0]?.text).toMatch(/^alert of 1\nB\d{9} 40\.00 target-reached$/)
    expect(await alerts()).toEqual([
      { status: 'SENT', reason: null, notification_channel: 'email', sent: true, told_price: '40.00' },
    ])
    expect(await messages()).toEqual([
      { kind: 'alert', status: 'SENT', reason: null, attempts: 1, lease_token: null },
    ])
  })

  test('the next run says nothing again', async () => {
    await alert(notifier)
    await notifier.run()
    expect(await notifier.run()).toMatchObject({ alertsGathered: 0, deliveriesSent: 0 })
    expect(sent()).toHaveLength(1)
  })

  test('several alerts of a user make one mail that lists them, the deepest drop first', async () => {
    const { userId } = await alert(notifier, { price: 40, previous: 41 })
    await alert(notifier, { userId, price: 20, previous: 80 })
    await notifier.run()
    expect(sent()).toHaveLength(1)
    expect(sent()[0]?.text).toMatch(/^alert of 2\n\S+ 20\.00 .*\n\S+ 40\.00 /)
    expect((await alerts()).map(({ status }) => status)).toEqual(['SENT', 'SENT'])
  })

  test('alerts that came within the window wait until the oldest has waited that long', async () => {
    const { userId } = await alert(notifier, { raisedAt: new Date(Date.now() - 30_000).toISOString() })
    await alert(notifier, { userId, raisedAt: new Date(Date.now() - 1_000).toISOString() })
    expect(await notifier.run()).toMatchObject({ alertsGathered: 0 })
    expect(await notifier.run({ settings: { collectMs: 30_000 } })).toMatchObject({ alertsGathered: 2 })
    expect(sent()).toHaveLength(1)
  })

  test('a run waits for a window that closes in seconds', async () => {
    await alert(notifier, { raisedAt: new Date(Date.now() - 100).toISOString() })
    expect(await notifier.run({ settings: { collectMs: 1_500 } })).toMatchObject({ deliveriesSent: 1 })
  })
})

describe('requirement 2: in the marketplace’s own currency', () => {
  test.each([
    ['co.uk', 'GBP'],
    ['co.jp', 'JPY'],
  ])('a price of amazon.%s is told in %s, whatever the product’s row says', async (domain, currency) => {
    const { productId } = await alert(notifier)
    await notifier.query('update watched_products set domain = $2 where id = $1', [productId, domain])
    await notifier.run()
    expect(await notifier.query("select content #> '{alerts,0,product}' as product from messages")).toEqual([
      { product: expect.objectContaining({ domain, currency }) },
    ])
  })
})

describe('requirement 6: exactly one claim', () => {
  test('two notifiers at once send no message twice', async () => {
    for (let person = 0; person < 40; person += 1) await alert(notifier)
    const reports = await Promise.all([notifier.run(), notifier.run()])
    expect(reports.reduce((sum, { deliveriesSent }) => sum + deliveriesSent, 0)).toBe(40)
    expect(new Set(sent().map(({ id }) => id)).size).toBe(40)
    expect(sent()).toHaveLength(40)
  })

  test('a lease that ends while a send hangs lets another run send the same bytes, and the first marks nothing', async () => {
    await alert(notifier)
    let letGo = () => {}
    const hung = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const stubborn = recordingSenders(notifier.service.url, async (send) => {
      const outcome = await send()
      await hung
      return outcome
    })
    const first = notifier.run({ senders: stubborn, settings: { leaseMs: 500 } })
    await until(() => sent().length === 1)
    await until(async () => (await notifier.run()).deliveriesSent === 1)
    letGo()
    await first
    expect(sent().map(({ body }) => body)).toEqual([sent()[0]?.body, sent()[0]?.body])
    expect(await trail()).toMatchObject([
      { attempt: 1, status: 'SENDING' },
      { attempt: 2, status: 'SENT' },
    ])
    expect(await messages()).toMatchObject([{ status: 'SENT', attempts: 2 }])
    expect(notifier.logged.map(({ message }) => message)).toContain('the lease of a message was lost')
  })

  test('a send that outlasts its lease is cut off', async () => {
    await alert(notifier)
    notifier.service.answer = () => new Promise(() => undefined)
    await notifier.run({ settings: { leaseMs: 500 } })
    expect(await trail()).toMatchObject([{ status: 'AGAIN', reason: expect.stringMatching(/Abort|Timeout/) }])
  })

  test('whoever lost the lease marks nothing, and says so', async () => {
    await alert(notifier)
    notifier.service.answer = async () => {
      // Another run claims the message while this one waits for the answer.
      await notifier.query(
        "update messages set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'",
      )
      return 200
    }
    await notifier.run()
    expect(await alerts()).toMatchObject([{ status: 'PENDING' }])
    expect(await trail()).toMatchObject([{ status: 'SENDING' }])
    expect(notifier.logged.map(({ message }) => message)).toContain('the lease of a message was lost')
  })
})

describe('requirement 7: at least once, with the same bytes', () => {
  test('a retry repeats the stored request, whatever has changed since', async () => {
    const { productId, userId } = await alert(notifier)
    notifier.service.answer = () => (sent().length === 1 ? 503 : 200)
    await notifier.run()
    expect(await messages()).toMatchObject([{ status: 'PENDING', reason: 'answered 503' }])
    await notifier.query('update watched_products set current_price = 39 where id = $1', [productId])
    await notifier.query("update users set locale = 'de' where id = $1", [userId])
    await later()
    await notifier.run()
    expect(sent()).toHaveLength(2)
    expect(sent()[1]?.body).toBe(sent()[0]?.body)
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '40.00' }])
  })
})

describe('requirement 7: a mail that SES says it has sent, though the notifier died', () => {
  /** The run dies between send and mark, and its lease ends; meanwhile SES's event marks the attempt. */
  async function dies() {
    notifier.service.answer = async () => {
      await notifier.query(
        "update messages set lease_token = gen_random_uuid(), lease_until = now() + interval '1 hour'",
      )
      return 200
    }
    await notifier.run()
    expect(await trail()).toMatchObject([{ status: 'SENDING' }])
    await notifier.query("update deliveries set status = 'SENT', provider_id = 'ses-1'")
    await notifier.query('update messages set lease_until = now()')
  }

  test('is not sent again, and its alert is SENT', async () => {
    await alert(notifier)
    await dies()
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, messagesFailed: 0 })
    expect(sent()).toHaveLength(1)
    expect(await messages()).toMatchObject([{ status: 'SENT', reason: null, attempts: 2 }])
    expect(await alerts()).toMatchObject([
      { status: 'SENT', reason: null, notification_channel: 'email', told_price: '40.00' },
    ])
  })

  test('has told its alert, even where the price has risen since', async () => {
    const { productId } = await alert(notifier)
    await dies()
    await notifier.query('update watched_products set current_price = 90 where id = $1', [productId])
    await notifier.run()
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '40.00' }])
    expect(await messages()).toMatchObject([{ status: 'SENT' }])
  })
})

describe('requirement 8: failures are told apart', () => {
  test('what may pass is tried again after a pause, not before the time that the service names', async () => {
    await alert(notifier)
    notifier.service.answer = () => [429, { 'retry-after': '120' }]
    expect(await notifier.run()).toMatchObject({ deliveriesFailed: 1, messagesFailed: 0, stopped: null })
    const [row] = await notifier.query(
      'select extract(epoch from due_at - now())::float as seconds from messages',
    )
    expect(row?.seconds).toBeGreaterThan(110)
    expect(await notifier.run()).toMatchObject({ deliveriesFailed: 0 })
    expect(await alerts()).toMatchObject([{ status: 'PENDING' }])
  })

  test('it is given up a day after the first attempt, with its reason', async () => {
    await alert(notifier)
    notifier.service.answer = () => 503
    await notifier.run()
    await notifier.query("update deliveries set at = at - interval '25 hours'")
    await later()
    expect(await notifier.run()).toMatchObject({ messagesFailed: 1 })
    const reason = 'given up after 24 h: answered 503'
    expect(await messages()).toMatchObject([{ status: 'FAILED', reason }])
    expect(await alerts()).toMatchObject([{ status: 'FAILED', reason, sent: false, told_price: null }])
  })

  test('attempts that a stop of all sending left undone do not count towards that day', async () => {
    for (let person = 0; person < 3; person += 1) await alert(notifier)
    notifier.service.answer = () => 403
    // So slow that one of them has its turn within the run.
    await notifier.run({ settings: { sendsPerSecond: 0.001 } })
    expect(sent()).toHaveLength(1)
    const undone = { status: 'STOPPED', reason: 'the run ended before it was tried' }
    expect(await trail()).toMatchObject([{ reason: 'answered 403' }, undone, undone])
    await notifier.query("update deliveries set at = at - interval '25 hours'")
    notifier.service.answer = () => 503
    await later()
    expect(await notifier.run()).toMatchObject({ messagesFailed: 0 })
    expect(new Set((await alerts()).map(({ status }) => status))).toEqual(new Set(['PENDING']))
  })

  test('what is refused fails at once', async () => {
    await alert(notifier)
    notifier.service.answer = () => 400
    expect(await notifier.run()).toMatchObject({ messagesFailed: 1 })
    expect(await alerts()).toMatchObject([{ status: 'FAILED', reason: 'answered 400' }])
  })

  test('a channel that will take nothing any more is switched off, with its reason, and the e-mail takes its place', async () => {
    const { userId } = await alert(notifier)
    await channel(notifier, userId)
    notifier.service.answer = ({ path }) => (path === '/webhook' ? 410 : 200)
    await notifier.run()
    expect(sent().map(({ path }) => path)).toEqual(['/webhook', '/email'])
    expect(await alerts()).toMatchObject([
      { status: 'SENT', reason: null, notification_channel: 'email', told_price: '40.00' },
    ])
    expect(await trail()).toMatchObject([
      { channel_kind: 'webhook', attempt: 1, status: 'FAILED', reason: 'answered 410' },
      { channel_kind: 'email', attempt: 1, status: 'SENT' },
    ])
    expect(
      await notifier.query(
        'select disabled_at is not null as off, disabled_reason from notification_channels',
      ),
    ).toEqual([{ off: true, disabled_reason: 'answered 410' }])
    await alert(notifier, { userId })
    await notifier.run()
    expect(sent().map(({ path }) => path)).toEqual(['/webhook', '/email', '/email'])
  })

  test('a test of a channel that is gone fails, and goes nowhere else', async () => {
    const { userId } = await alert(notifier)
    await notifier.query('delete from price_alerts')
    const id = await channel(notifier, userId)
    await notifier.query("insert into messages (user_id, kind, content) values ($1, 'test', $2)", [
      userId,
      { kind: 'test', channelId: id },
    ])
    notifier.service.answer = () => 410
    expect(await notifier.run()).toMatchObject({ messagesFailed: 1 })
    expect(await messages()).toMatchObject([{ status: 'FAILED', reason: 'answered 410' }])
    expect(await notifier.run()).toMatchObject({ deliveriesSent: 0, deliveriesFailed: 0 })
  })

  test('a user whose e-mail is off and who has no channel gets a message that failed, visibly', async () => {
    await alert(notifier, { user: { email_disabled_at: new Date().toISOString() } })
    expect(await notifier.run()).toMatchObject({ messagesFailed: 1 })
    expect(await alerts()).toMatchObject([{ status: 'FAILED', reason: 'the user has no channel that is on' }])
  })

  test('sending that is stopped for everybody ends the run, leaves everything pending and goes on later', async () => {
    for (let person = 0; person < 60; person += 1) await alert(notifier)
    notifier.service.answer = () => 403
    expect(await notifier.run()).toMatchObject({ stopped: 'answered 403', messagesFailed: 0 })
    expect(sent().length).toBeLessThanOrEqual(40)
    expect(new Set((await alerts()).map(({ status }) => status))).toEqual(new Set(['PENDING']))
    notifier.service.answer = () => 200
    await notifier.run()
    expect(new Set((await alerts()).map(({ status }) => status))).toEqual(new Set(['SENT']))
  })

  test('a message that cannot be rendered stops no other, and is put off', async () => {
    const bad = await alert(notifier)
    await alert(notifier)
    await notifier.run({
      render: (message) => {
        if ('alerts' in message && message.alerts[0]?.watchId === bad.watchId)
          throw new Error('of the template')
        return renderPlain(message)
      },
    })
    expect((await alerts()).map(({ status }) => status)).toEqual(['PENDING', 'SENT'])
    expect(await messages()).toMatchObject([{ reason: 'it could not be prepared' }, { status: 'SENT' }])
  })

  test('the rate that is set is kept, across batches', async () => {
    for (let person = 0; person < 30; person += 1) await alert(notifier)
    const startMs = Date.now()
    await notifier.run({ settings: { sendsPerSecond: 20 } })
    expect(sent()).toHaveLength(30)
    expect(Date.now() - startMs).toBeGreaterThan(1_400)
  })

  test('a run that is out of time leaves the rest to the next one', async () => {
    for (let person = 0; person < 30; person += 1) await alert(notifier)
    await notifier.run({ settings: { sendsPerSecond: 10 }, claimUntilMs: Date.now() + 1_000 })
    const before = sent().length
    expect(before).toBeLessThan(25)
    // What had no turn was claimed once, not again and again until the end.
    expect((await trail()).length).toBeLessThanOrEqual(30)
    await notifier.run()
    expect(sent()).toHaveLength(30)
    expect(new Set((await alerts()).map(({ status }) => status))).toEqual(new Set(['SENT']))
  })
})

describe('requirements 11 and 13: channels, each by itself, and the trail', () => {
  test('a message goes to every channel that is on; one that is off and the e-mail get nothing', async () => {
    const { userId } = await alert(notifier)
    await channel(notifier, userId, 'webhook')
    await channel(notifier, userId, 'ntfy')
    const off = await channel(notifier, userId, 'slack')
    await notifier.query('update notification_channels set disabled_at = now() where id = $1', [off])
    await notifier.run()
    expect(
      sent()
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['/ntfy', '/webhook'])
    expect(await alerts()).toMatchObject([{ status: 'SENT', notification_channel: 'ntfy, webhook' }])
  })

  test('an alert is SENT once one channel took it; the other is tried on, alone', async () => {
    const { userId } = await alert(notifier)
    await channel(notifier, userId, 'webhook')
    await channel(notifier, userId, 'ntfy')
    notifier.service.answer = ({ path }) => (path === '/webhook' ? 503 : 200)
    await notifier.run()
    expect(await alerts()).toMatchObject([{ status: 'SENT', notification_channel: 'ntfy' }])
    expect(await messages()).toMatchObject([{ status: 'PENDING' }])
    notifier.service.answer = () => 200
    await later()
    await notifier.run()
    expect(
      sent()
        .map(({ path }) => path)
        .toSorted(),
    ).toEqual(['/ntfy', '/webhook', '/webhook'])
    expect(await messages()).toMatchObject([{ status: 'SENT', attempts: 2 }])
    expect(await trail()).toEqual([
      { channel_kind: 'webhook', attempt: 1, status: 'AGAIN', reason: 'answered 503', provider_id: null },
      { channel_kind: 'ntfy', attempt: 1, status: 'SENT', reason: null, provider_id: expect.any(String) },
      { channel_kind: 'webhook', attempt: 2, status: 'SENT', reason: null, provider_id: expect.any(String) },
    ])
  })

  test('a channel that was removed while it was to be tried again is not waited for: the e-mail takes its place', async () => {
    const { userId, productId } = await alert(notifier)
    await channel(notifier, userId, 'webhook')
    notifier.service.answer = () => 503
    await notifier.run()
    await notifier.query('delete from notification_channels')
    await notifier.query('update watched_products set current_price = 39 where id = $1', [productId])
    notifier.service.answer = () => 200
    await later()
    await notifier.run()
    expect(sent().at(-1)).toMatchObject({ path: '/email', text: expect.stringContaining(' 39.00 ') })
    expect(await messages()).toMatchObject([{ status: 'SENT' }])
    expect(await alerts()).toMatchObject([{ status: 'SENT', told_price: '39.00' }])
    expect(await trail()).toMatchObject([
      { status: 'AGAIN' },
      { attempt: 2, status: 'FAILED', reason: 'the channel is off or removed' },
      { channel_kind: 'email', attempt: 1, status: 'SENT' },
    ])
  })

  test('nor is one that is gone as the last, where the e-mail is off too: the message failed', async () => {
    const { userId } = await alert(notifier, { user: { email_disabled_at: new Date().toISOString() } })
    await channel(notifier, userId)
    notifier.service.answer = () => 410
    expect(await notifier.run()).toMatchObject({ messagesFailed: 1, deliveriesFailed: 1 })
    expect(await messages()).toMatchObject([{ status: 'FAILED', reason: 'every channel is off or removed' }])
    expect(await alerts()).toMatchObject([{ status: 'FAILED' }])
  })

  test('what is stored and logged holds no secret', async () => {
    const { userId } = await alert(notifier)
    await channel(notifier, userId)
    notifier.service.answer = () => 400
    await notifier.run()
    const stored = await notifier.query('select * from deliveries, messages')
    expect(JSON.stringify([stored, notifier.logged])).not.toContain('whsec')
  })
})
