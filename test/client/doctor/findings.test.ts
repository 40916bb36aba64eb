import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { ClientError, explained } from '../../../client/client-error.ts'
import { notFound, reach } from '../../../client/doctor/reach.ts'
import { clock } from '../../../client/doctor/state.ts'
import type { Status } from '../../../client/status.ts'
import type { OperatorStatus } from '../../../lambdas/operator/status.ts'
import { freePort } from '../../../local/engines/ports.ts'
import { type FreshDatabase, freshDatabase } from '../../helpers/database.ts'
import { askForOwnKafka } from '../../helpers/engines.ts'
import { type TestOperator, testOperator } from '../../operator/operating.ts'

/** Faults that one machine does not have by itself. */

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

/** What a client makes of an operator's answer. */
async function statusOf(operator: TestOperator, receivedAtMs = Date.now()): Promise<Status> {
  const { at, consumers, database: read } = (await operator.ask('status.show', {}, 'read')) as OperatorStatus
  return {
    ...{ keeper: 'stage prod', consumers, database: read },
    operator: { value: { at, receivedAt: new Date(receivedAtMs).toISOString(), tookMs: 100 } },
    ...{ mappings: { value: [] }, alarms: { value: [] }, tokens: { value: [] } },
  }
}

const ME = { value: 'arn:aws:iam::000000000000:user/ada' }

describe('reaching', () => {
  test('a broker through the wrong listener is told from one that is down, with what to set', async () => {
    const { wrongListener } = await askForOwnKafka()
    const operator = await testOperator(wrongListener, database.pool)
    try {
      const found = reach(await statusOf(operator), ME).filter(({ outcome }) => outcome === 'problem')
      expect(found).toMatchObject([
        {
          check: 'kafka',
          says: expect.stringContaining('advertises kafka.invalid:29092, which cannot be reached from here'),
          fix: expect.stringContaining('Set KAFKA_BOOTSTRAP_SERVERS to a listener'),
        },
      ])
    } finally {
      await operator.close()
    }
  }, 60_000)

  test('without a permission names the IAM action to ask for', async () => {
    const refused = Object.assign(
      new Error(
        'User: arn:aws:iam::000000000000:user/ada is not authorized to perform: cloudwatch:DescribeAlarms on resource: *',
      ),
      { name: 'AccessDenied' },
    )
    const { code, message } = explained(refused, 'stage prod', 'cloudwatch:DescribeAlarms')
    const operator = await testOperator(`localhost:${await freePort()}`, database.pool)
    const status = { ...(await statusOf(operator)), alarms: { error: { code, message } } }
    expect(reach(status, ME)).toContainEqual({
      ...{ check: 'permission', outcome: 'problem', says: expect.stringContaining('is not authorized') },
      fix: expect.stringMatching(/^Ask for the IAM action cloudwatch:DescribeAlarms: the policies /),
    })
  })

  test('without credentials says how to sign in', () => {
    const none = explained(
      Object.assign(new Error('Could not load credentials from any providers'), {
        name: 'CredentialsProviderError',
      }),
      'stage prod',
      'the stack keeper-prod-operations',
    )
    expect(notFound(none, 'prod')).toMatchObject([
      { check: 'credentials', outcome: 'problem', fix: expect.stringContaining('aws sso login') },
    ])
  })

  test('a stage that is not there says how to deploy it', () => {
    const missing = new ClientError('not_deployed', 'There is no stack keeper-prod-operations here.')
    expect(notFound(missing, 'prod')).toMatchObject([
      { check: 'keeper', fix: expect.stringContaining('npx cdk deploy --all -c stage=prod') },
    ])
  })
})

describe('a clock', () => {
  test.each([
    [59_000, 'ok', 'Clocks differ by less than a minute.'],
    [62_000, 'problem', 'This machine is 62 s ahead of the operator’s clock.'],
    [-62_000, 'problem', 'This machine is 62 s behind the operator’s clock.'],
  ])('that is %d ms off is %s', async (offMs, outcome, says) => {
    const operator = await testOperator(`localhost:${await freePort()}`, database.pool)
    const { operator: answer, ...status } = await statusOf(operator)
    if ('error' in answer) throw new Error(answer.error.message)
    const { at, tookMs } = answer.value
    const receivedAt = new Date(Date.parse(at) + tookMs / 2 + offMs).toISOString()
    expect(clock({ ...status, operator: { value: { at, tookMs, receivedAt } } })).toMatchObject([
      { check: 'clock', outcome, says },
    ])
  })

  test('of Postgres that is off is told apart', async () => {
    const operator = await testOperator(`localhost:${await freePort()}`, database.pool)
    const status = await statusOf(operator)
    if ('error' in status.database) throw new Error(status.database.error.message)
    const now = new Date(Date.parse(status.database.value.now) - 90_000).toISOString()
    const off = { ...status, database: { value: { ...status.database.value, now } } }
    expect(clock(off)).toMatchObject([
      { says: expect.stringMatching(/^Postgres is (89|90|91|92|93|94) s behind/) },
    ])
  })
})
