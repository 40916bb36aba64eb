import { describe, expect, test } from '@jest/globals'
import { PERMISSIONS, type Policy, type Target } from '../../../../cli/permissions.ts'
import { buildProgram } from '../../../../cli/program.ts'
import {
  ACCOUNT,
  DeployedRoles,
  KEEPA_SECRET_ARN,
  MASTER_SECRET_ARN,
  REGION,
} from '../../deployed-policies.ts'
import { type Call, simulate } from '../../simulate.ts'
import { MAIL_FROM } from '../../synthesized.ts'

const roles = new DeployedRoles('small')
const PRODUCERS = ['price-check', 'history-import', 'deal-collector', 'daily-deal-report', 'notifier']
const CONSUMERS = ['price-consumer', 'deal-consumer']
const OPERATORS = ['operator-reader', 'operator']

const functionArn = (name: string) => roles.arnAt(`${name}/${name}`)
const each = (names: readonly string[], path: string) => names.map((name) => roles.arnAt(`${name}/${path}`))
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`
const MAPPING = arn('lambda', 'event-source-mapping:0f0e0d0c-0000-0000-0000-000000000000')

/** What AWS has for a target, for one made-up deployment. */
const RESOURCES: Record<Target, readonly string[]> = {
  'the stacks': ['operations', 'pipeline', 'notification', 'monitoring'].map((part) =>
    arn('cloudformation', `stack/keeper-dev-${part}/11111111-2222-3333-4444-555555555555`),
  ),
  'operator-reader': [functionArn('operator-reader')],
  operator: [functionArn('operator')],
  producers: PRODUCERS.map(functionArn),
  notifier: [functionArn('notifier')],
  functions: [...PRODUCERS, ...CONSUMERS, ...OPERATORS, 'migrator', 'mail-events'].map(functionArn),
  mappings: ['*'],
  'consumers’ mappings': [MAPPING],
  schedules: [...each(PRODUCERS, 'schedule'), roles.arnAt('price-check/resume-schedule')],
  'schedules’ roles': each(PRODUCERS, 'schedule-role'),
  'log groups': ['operations-operatoroperatorlogs0A-1B', 'pipeline-pricecheckpricechecklogs0A-1B'].map(
    (name) => arn('logs', `log-group:keeper-dev-${name}`),
  ),
  'all alarms': [arn('cloudwatch', 'alarm:*')],
  'all metrics': ['*'],
  'the mail account': ['*'],
  'the sender': [arn('ses', `identity/${MAIL_FROM}`)],
  alarms: [arn('cloudwatch', 'alarm:keeper-dev-monitoring-pricechecksilent0A-1B')],
  dashboards: [`arn:aws:cloudwatch::${ACCOUNT}:dashboard/overviewdashboard0A-1B`],
  'failed runs': each(PRODUCERS, 'failed-runs'),
}

/** What IAM is told of a call besides. */
const CONTEXT: Partial<Record<string, Record<string, string>>> = {
  'iam:PassRole': { 'iam:PassedToService': 'scheduler.amazonaws.com' },
  'lambda:GetEventSourceMapping': { 'lambda:FunctionArn': functionArn('price-consumer') },
  'lambda:UpdateEventSourceMapping': { 'lambda:FunctionArn': functionArn('deal-consumer') },
}

/** Whoever operates is granted both. */
const grantsOf = (policy: Policy) =>
  (policy === 'read' ? ['read'] : ['read', 'operate']).map((each) =>
    roles.managedPolicy(`keeper-dev-${each}`),
  )

const decide = (policy: Policy, call: Call, context = CONTEXT[call[0]]): Promise<string> =>
  simulate(call, grantsOf(policy), {
    ...{ principal: `arn:aws:iam::${ACCOUNT}:user/ada`, context },
  })

const callsOf = (command: string): Call[] =>
  (PERMISSIONS[command]?.permissions ?? []).flatMap(([action, on]) =>
    RESOURCES[on].map((resource): Call => [action, resource]),
  )

const denied = async (policy: Policy, calls: readonly Call[]): Promise<Call[]> => {
  const decisions = await Promise.all(calls.map((call) => decide(policy, call)))
  return calls.filter((_, index) => decisions[index] === 'denied')
}

const COMMANDS = Object.keys(PERMISSIONS)

/**
 * `groups reset`: every command that does something itself. Families take no arguments; what takes some runs, though it
 * may have commands below it.
 */
const commandsOf = (
  { commands, registeredArguments }: ReturnType<typeof buildProgram>,
  names: readonly string[] = [],
): string[] => [
  ...(commands.length === 0 || registeredArguments.length > 0 ? [names.join(' ')] : []),
  ...commands.flatMap((child) => commandsOf(child, [...names, child.name()])),
]

test('what each command asks of AWS is written down', () => {
  expect(COMMANDS.toSorted()).toEqual(commandsOf(buildProgram()).toSorted())
})

describe('keeper-<stage>-operate', () => {
  test.each(COMMANDS)('lets people use keeper %s', async (command) => {
    expect(await denied('operate', callsOf(command))).toEqual([])
  })
})

describe('keeper-<stage>-read', () => {
  test.each(COMMANDS)('lets people use keeper %s if it changes nothing', async (command) => {
    const refused = await denied('read', callsOf(command))
    expect(refused.length > 0 ? 'operate' : 'read').toBe(PERMISSIONS[command]?.policy)
  })
})

/** What is in no command, and would harm. */
const NEVER: Call[] = [
  ...[...CONSUMERS, 'migrator', 'mail-events'].map(
    (name): Call => ['lambda:InvokeFunction', functionArn(name)],
  ),
  ...[...PRODUCERS, ...CONSUMERS, ...OPERATORS].flatMap((name): Call[] => [
    ['lambda:UpdateFunctionCode', functionArn(name)],
    ['lambda:UpdateFunctionConfiguration', functionArn(name)],
    ['lambda:DeleteFunction', functionArn(name)],
  ]),
  ['lambda:DeleteEventSourceMapping', MAPPING],
  ['lambda:InvokeFunction', arn('lambda', 'function:another')],
  ['lambda:GetFunctionConfiguration', arn('lambda', 'function:another')],
  ['ses:SendEmail', arn('ses', `identity/${MAIL_FROM}`)],
  ['ses:GetEmailIdentity', arn('ses', 'identity/another.example')],
  ['secretsmanager:GetSecretValue', KEEPA_SECRET_ARN],
  ['secretsmanager:GetSecretValue', MASTER_SECRET_ARN],
  ['rds-db:connect', arn('rds-db', 'dbuser:db-KEEPER/keeper_operator')],
  ['scheduler:DeleteSchedule', roles.arnAt('price-check/schedule')],
  ['scheduler:GetSchedule', arn('scheduler', 'schedule/default/another')],
  ['scheduler:UpdateSchedule', arn('scheduler', 'schedule/default/another')],
  ['scheduler:CreateSchedule', roles.arnAt('price-check/schedule')],
  ['iam:PassRole', roles.arnAt('price-check/price-check-role')],
  ['iam:PassRole', roles.arnAt('operator/operator-role')],
  ['sqs:SendMessage', roles.arnAt('price-check/failed-runs')],
  ['sqs:PurgeQueue', roles.arnAt('price-check/failed-runs')],
  ['sqs:ReceiveMessage', arn('sqs', 'another')],
  ['logs:FilterLogEvents', arn('logs', 'log-group:/aws/lambda/another')],
  ['logs:DeleteLogGroup', arn('logs', 'log-group:keeper-dev-pipeline-pricecheckpricechecklogs0A-1B')],
  ['cloudwatch:DeleteAlarms', arn('cloudwatch', 'alarm:keeper-dev-monitoring-pricechecksilent0A-1B')],
  ['cloudformation:DescribeStacks', arn('cloudformation', 'stack/keeper-dev-eu-pipeline/1')],
  ['cloudformation:UpdateStack', arn('cloudformation', 'stack/keeper-dev-pipeline/1')],
]

test('people may look whether mail can leave', async () => {
  const calls: Call[] = [
    ['ses:GetAccount', '*'],
    ['ses:GetEmailIdentity', arn('ses', `identity/${MAIL_FROM}`)],
  ]
  expect(await denied('read', calls)).toEqual([])
})

describe.each(['read', 'operate'] as const)('keeper-<stage>-%s', (policy) => {
  test('lets nobody forge prices, read secrets or touch what is not operated', async () => {
    expect(await denied(policy, NEVER)).toEqual(NEVER)
  })

  test("passes a schedule's role to the scheduler alone, and changes our mappings alone", async () => {
    const role = roles.arnAt('price-check/schedule-role')
    const toLambda = { 'iam:PassedToService': 'lambda.amazonaws.com' }
    expect(await decide(policy, ['iam:PassRole', role], toLambda)).toBe('denied')
    const ofAnother = { 'lambda:FunctionArn': arn('lambda', 'function:another') }
    expect(await decide(policy, ['lambda:UpdateEventSourceMapping', MAPPING], ofAnother)).toBe('denied')
  })

  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: spaces do not count.
  test('fits into a managed policy, with the longest names that CloudFormation makes up', () => {
    const longest = JSON.stringify(roles.managedPolicy(`keeper-dev-${policy}`)).replaceAll(
      /(:function:|:sqs:[^:"]*:[^:"]*:|:role\/|schedule\/default\/)[^"*]+/g,
      (_, place) => `${place}${'x'.repeat(64)}`,
    )
    expect(longest.length).toBeLessThan(6_144)
  })
})
