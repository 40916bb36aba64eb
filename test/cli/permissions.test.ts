import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { PERMISSIONS, type Target } from '../../cli/permissions.ts'
import { dealEvent } from '../helpers/msk-events.ts'
import { until } from '../local/until.ts'
import { type AwsCall, type AwsCalls, awsCalls } from './aws-calls.ts'
import { type LocalKeeper, localKeeper } from './local-keeper.ts'

/** What commands ask of AWS, seen on the wire of one `npm run local` in the place of a deployed stage. */

const ASIN = 'B07W6JN8V8'
const ADA = ['--user', 'ada@example.com']

/** In this order: later ones need what earlier ones made. */
const INVOCATIONS: readonly (readonly string[])[] = [
  ['users', 'add', 'ada@example.com'],
  ['users', 'list'],
  ['users', 'show', 'ada@example.com'],
  ['users', 'set', 'ada@example.com', '--locale', 'de'],
  ['users', 'mute', 'ada@example.com', '--kind', 'report'],
  ['users', 'unmute', 'ada@example.com', '--kind', 'report'],
  ['topics', 'list'],
  ['topics', 'describe', 'price-updates'],
  ['topics', 'count', 'price-updates'],
  ['topics', 'create', 'another', '--partitions', '1', '--replication-factor', '1'],
  ['messages', 'read', 'price-updates', '-n', '1'],
  ['groups', 'list'],
  ['groups', 'describe', 'keeper-consumer-group-deals'],
  ['groups', 'reset', 'keeper-consumer-group-deals', '--to', 'end'],
  ['watches', 'add', ASIN, '--target', '45', ...ADA],
  ['watches', 'list'],
  ['watches', 'show', ASIN, ...ADA],
  ['watches', 'target', ASIN, '40', ...ADA],
  ['watches', 'pause', ASIN, ...ADA],
  ['watches', 'resume', ASIN, ...ADA],
  ['watches', 'snooze', ASIN, '--until', '2100-01-01', ...ADA],
  ['watches', 'unsnooze', ASIN, ...ADA],
  ['watches', 'export'],
  ['watches', 'remove', ASIN, ...ADA],
  ['alerts', 'list'],
  ['notifier', 'show'],
  ['channels', 'add', 'email', 'ada@example.net', ...ADA],
  ['channels', 'list'],
  ['channels', 'test', ...ADA],
  ['channels', 'enable', ...ADA],
  ['deals', 'list'],
  ['search', 'keyboard'],
  ['filters', 'add', ...ADA],
  ['filters', 'list'],
  ['rejected', 'list'],
  ['rejected', 'redrive', '--all'],
  ['schedules', 'list'],
  ['schedules', 'run', 'daily-deal-report', '--wait'],
  ['schedules', 'pause', 'daily-deal-report'],
  ['schedules', 'resume', 'daily-deal-report'],
  ['failed-runs', 'list'],
  ['failed-runs', 'retry', '--all'],
  ['failed-runs', 'purge'],
  ['logs', 'daily-deal-report'],
  ['alarms'],
  ['users', 'remove', 'ada@example.com'],
]

/** Which functions a target of an invocation is. */
const FUNCTIONS: Partial<Record<Target, readonly string[]>> = {
  'operator-reader': ['operator-reader'],
  operator: ['operator'],
  producers: ['price-check', 'history-import', 'deal-collector', 'daily-deal-report', 'notifier'],
  notifier: ['notifier'],
}

let local: LocalKeeper
let aws: AwsCalls
beforeAll(async () => {
  local = await localKeeper()
  // A group that has read nothing has no offset to move.
  await local.kafka.produce('deal-updates', [{ value: JSON.stringify(dealEvent()) }])
  await until(async () => (await local.database.pool.query('select from deals')).rowCount === 1)
  aws = await awsCalls(local.awsUrl)
}, 180_000)
afterAll(async () => {
  await aws?.close()
  await local?.close()
}, 60_000)

const commandOf = (args: readonly string[]): string =>
  [args.slice(0, 2).join(' '), args[0] ?? ''].find((name) => name in PERMISSIONS) ?? 'no such command'

/** Everybody may ask who they are: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
const isGranted = (command: string, { action, on }: AwsCall): boolean =>
  action === 'sts:GetCallerIdentity' ||
  PERMISSIONS[command]?.permissions.some(
    ([granted, target]) =>
      granted === action && (on === undefined || FUNCTIONS[target]?.includes(on) === true),
  ) === true

test('commands ask of AWS what is written down for them, and no more', async () => {
  const unused = new Set<string>()
  for (const args of INVOCATIONS) {
    const command = commandOf(args)
    const { code, said } = await local.ofStage(aws.url, '--yes', ...args)
    // On a busy machine a mail may wait longer than a test of a channel does: that is an answer too.
    const isAnswered = code === 0 || said.startsWith('SES was not reached in time')
    expect({ args, said: isAnswered ? '' : said }).toEqual({ args, said: '' })
    const calls = aws.take()
    expect({ args, asked: calls.filter((call) => !isGranted(command, call)) }).toEqual({ args, asked: [] })
    const asked = new Set(calls.map(({ action }) => action))
    for (const [action] of PERMISSIONS[command]?.permissions ?? []) {
      if (!asked.has(action)) unused.add(`${command}: ${action}`)
    }
  }
  // Where there is something to do again or to delete; where a history is asked for; and what AWS checks by itself.
  expect([...unused].toSorted()).toEqual([
    'alarms: cloudwatch:DescribeAlarmHistory',
    'failed-runs purge: sqs:DeleteMessage',
    'failed-runs retry: lambda:InvokeFunction',
    'failed-runs retry: sqs:DeleteMessage',
    'schedules pause: iam:PassRole',
    'schedules resume: iam:PassRole',
  ])
}, 180_000)
