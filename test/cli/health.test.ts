import {
  GetEventSourceMappingCommand,
  InvokeCommand,
  LambdaClient,
  UpdateEventSourceMappingCommand,
} from '@aws-sdk/client-lambda'
import {
  GetScheduleCommand,
  ListSchedulesCommand,
  SchedulerClient,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import pg from 'pg'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { stoppableBroker, stoppablePostgres } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'
import { keeperHere } from './in-process.ts'
import { startLocal } from './local-keeper.ts'

/** `keeper status` and `keeper doctor` of one Keeper, in which one thing after the other is broken and mended. */

const ASIN = 'B07W6JN8V8'
const GROUP = 'keeper-consumer-group-deals'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let postgres: Awaited<ReturnType<typeof stoppablePostgres>>
let kafka: TestKafka
let local: Awaited<ReturnType<typeof startLocal>>
let lambda: LambdaClient
let scheduler: SchedulerClient

beforeAll(async () => {
  ;[broker, postgres] = await Promise.all([stoppableBroker(), stoppablePostgres()])
  kafka = await testKafka(broker.bootstrapServers)
  local = await startLocal({
    bootstrapServers: broker.bootstrapServers,
    databaseUrl: postgres.databaseUrl,
  })
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const aws = { endpoint: local.awsUrl, region: 'us-east-1', credentials }
  lambda = new LambdaClient(aws)
  scheduler = new SchedulerClient(aws)
}, 120_000)

afterAll(async () => {
  await local?.stop()
  await kafka?.close()
  await Promise.all([broker?.dispose(), postgres?.dispose()])
}, 60_000)

interface Found {
  readonly check: string
  readonly outcome: string
  readonly says: string
  readonly fix: string
}

/** The problems that the doctor finds, which its exit code says as well. */
async function problems(): Promise<Found[]> {
  const { code, out } = await local.keeper('--json', 'doctor')
  const found = (JSON.parse(out) as Found[]).filter(({ outcome }) => outcome === 'problem')
  expect(code).toBe(found.length === 0 ? 0 : 1)
  return found
}

/** The one problem that is left once others are over, such as of a broker that has just come back. */
const theProblem = async (check: string) => {
  const [only] = await until(async () => {
    const found = await problems()
    return found.length === 1 && found[0]?.check === check && found
  })
  return only
}

/** Nothing is left to mend; what is left after a while fails the test. */
async function isWellAgain(): Promise<void> {
  let found: Found[] = []
  await until(async () => {
    found = await problems()
    return found.length === 0
  }).catch((cause: unknown) => {
    throw new Error(`The doctor found at last: ${JSON.stringify(found, null, 2)}`, { cause })
  })
}

async function query(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres.databaseUrl })
  await client.connect()
  await client.query(statement).finally(() => client.end())
}

describe('a Keeper that is well', () => {
  test('shows on one screen what is fresh, what waits and what runs', async () => {
    const seconds = 3_600
    const event = { asin: ASIN, domain: 'de', event_type: 'price_update', product_title: 'K380' }
    const before = (await local.json('status')).database.value.rejectedOpen
    await local.keeper('users', 'add', 'ada@example.com')
    await local.keeper(
      'watches',
      'add',
      ASIN,
      '--domain',
      'de',
      '--target',
      '45',
      '--user',
      'ada@example.com',
    )
    const at = new Date(Date.now() - seconds * 1_000).toISOString()
    const value = JSON.stringify({ ...event, current_price: 40, timestamp: at })
    await kafka.produce('price-updates', [
      { key: ASIN, value },
      { key: 'K', value: '{' },
    ])
    await until(async () => {
      const { database } = await local.json('status')
      return database.value.rejectedOpen > before && database.value.alertsPending > 0
    }, 30_000)
    await lambda.send(new InvokeCommand({ FunctionName: 'price-check' }))
    const { code, out } = await local.keeper('status')
    expect(out).toMatch(/^the Keeper on this machine, \d{4}-.*Z\n/)
    expect(out).toMatch(/\nnewest price {3}\d+ (s|min|h) ago\n/)
    expect(out).toMatch(/\nrejected {7}\d+ open\nalerts {9}\d+ pending\n/)
    expect(out).toMatch(/\nprice-consumer {2}price-updates +\d+ {2}Enabled\n/)
    expect(out).toMatch(/\n(tokens)? +\d+ left, price-check \d+ (s|min) ago\n/)
    expect(out).toMatch(/\nprice-check +\d+ s ago +\d+ s ago\n/)
    expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
    expect(code).toBe(0)
  }, 60_000)

  test('has nothing that the doctor minds', async () => {
    await isWellAgain()
    expect((await local.keeper('doctor')).out).toMatch(/^keeper {7}ok {11}It is the Keeper on this machine\./)
  })
})

describe('the doctor', () => {
  test('finds a notifier that waits in a restored database; what waits is shown, and somebody confirms', async () => {
    await query(
      `insert into notifier_home (home, found, found_at) values ('one', 'another', now())
       on conflict (only_row) do update set found = 'another', found_at = now()`,
    )
    expect(await theProblem('notifier')).toMatchObject({ fix: expect.stringContaining('notifier confirm') })
    expect((await local.keeper('status')).out).toMatch(/\nnotifier +waits in a restored database, \d+ s ago/)
    expect((await local.keeper('notifier', 'show')).out).toMatch(/^The notifier has waited since 2.*\n.*wait/)
    expect(await local.keeper('notifier', 'confirm')).toMatchObject({
      ...{ code: 2, said: expect.stringContaining('All of it is told. Go on?') },
    })
    expect(await local.keeper('--yes', 'notifier', 'confirm', '--told-until', '1h')).toMatchObject({
      code: 0,
    })
    expect((await local.keeper('notifier', 'show')).out).toMatch(
      /^The notifier tells people\.\nIt was last confirmed at/,
    )
    await query('delete from notifier_home')
    await isWellAgain()
  })

  test('finds a mapping that is disabled, and gives the command that enables it', async () => {
    const { mappings } = await local.json('status')
    const { uuid } = mappings.value.find(({ group }: { group: string }) => group === GROUP)
    const become = async (state: 'Enabled' | 'Disabled') => {
      const now = async () => (await lambda.send(new GetEventSourceMappingCommand({ UUID: uuid }))).State
      // The run may have just started: AWS refuses an update of a mapping that is being made.
      await until(async () => ['Enabled', 'Disabled'].includes((await now()) ?? ''))
      await lambda.send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: state === 'Enabled' }))
      await until(async () => (await now()) === state)
    }
    await become('Disabled')
    const consumer = kafka.kafka.consumer({ groupId: GROUP })
    try {
      expect(await theProblem('mappings')).toMatchObject({
        ...{ check: 'mappings', says: 'The mapping of deal-consumer is Disabled.' },
        fix: `Enable it: aws lambda update-event-source-mapping --uuid ${uuid} --enabled`,
      })

      await consumer.connect()
      await consumer.subscribe({ topic: 'deal-updates' })
      await consumer.run({ eachMessage: async () => undefined })
      const [, taken] = await until(async () => {
        const found = await problems()
        return found.length === 2 && found
      })
      expect(taken).toMatchObject({
        check: 'groups',
        says: expect.stringMatching(
          /^keeper-consumer-group-deals has members though no mapping .*: test at /,
        ),
      })
    } finally {
      await consumer.disconnect()
      await become('Enabled')
    }
    await isWellAgain()
  }, 120_000)

  test('finds a schedule that is paused', async () => {
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand())
    const { Name } = Schedules[0] ?? {}
    const schedule = await scheduler.send(new GetScheduleCommand({ Name }))
    const { ScheduleExpression, FlexibleTimeWindow, Target, State } = schedule
    const given = { Name, ScheduleExpression, FlexibleTimeWindow, Target }
    await scheduler.send(new UpdateScheduleCommand({ ...schedule, ...given, State: 'DISABLED' }))
    expect(await theProblem('schedules')).toMatchObject({
      says: `${Name?.replace(/-schedule$/, '')} is paused.`,
    })
    await scheduler.send(new UpdateScheduleCommand({ ...schedule, ...given, State }))
  })

  test('finds a schema that is behind or ahead of the code', async () => {
    await query(
      "insert into schema_migrations (version, name, checksum, oldest_code) values (9999, '9999_x.sql', '', 1)",
    )
    expect(await theProblem('schema')).toMatchObject({
      says: expect.stringContaining('at migration 9999, ahead of the code'),
    })
    await query('create table kept as select * from schema_migrations')
    await query('delete from schema_migrations where version > 1')
    expect(await theProblem('schema')).toMatchObject({
      says: expect.stringContaining('at migration 1, behind the code'),
    })
    await query('insert into schema_migrations select * from kept where version between 2 and 9998')
    await query('drop table kept')
  })

  test('finds Postgres stopped, while the status shows the rest', async () => {
    await postgres.stop()
    try {
      // What was being stored at that moment is another.
      const found = await until(async () => (await problems()).find(({ check }) => check === 'database'))
      expect(found.says).toMatch(/^Postgres cannot be reached/)
      const { code, out, said } = await local.keeper('status')
      expect(out).toMatch(/\ndatabase {7}Postgres cannot be reached/)
      expect(out).toMatch(/\nprice-consumer {2}price-updates/)
      expect({ code, said }).toEqual({ code: 1, said: 'Not everything could be read: database.\n' })
    } finally {
      await postgres.start()
    }
  }, 60_000)

  test('finds Kafka stopped, while the status shows the rest', async () => {
    await broker.stop()
    try {
      const found = await problems()
      expect(found).toContainEqual(
        expect.objectContaining({
          check: 'kafka',
          says: expect.stringMatching(/^Kafka cannot be reached at /),
        }),
      )
      const { code, out } = await local.keeper('status')
      expect(out).toMatch(/\nconsumers {6}Kafka cannot be reached at /)
      expect(out).toMatch(/\nalerts {9}\d+ pending\n/)
      expect(code).toBe(1)
    } finally {
      await broker.start()
    }
    await isWellAgain()
  }, 120_000)
})

test('a Keeper that does not run is a problem, and what to do is said', async () => {
  const { code, out, said } = await keeperHere(['--state', `${local.directory}-none`, 'doctor'])
  expect(out).toMatch(/^keeper {7}problem {6}No Keeper runs here/)
  expect(out).toContain('Start one with npm run local')
  expect({ code, said }).toEqual({ code: 1, said: '1 problem found.\n' })
})
