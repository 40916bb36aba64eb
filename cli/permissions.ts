/** What a command's calls are made on: one of these, or each of them. */
export type Target =
  | 'the stacks'
  | 'operator-reader'
  | 'operator'
  | 'producers'
  | 'notifier'
  | 'functions'
  | 'mappings'
  | 'consumers’ mappings'
  | 'schedules'
  | 'schedules’ roles'
  | 'log groups'
  | 'all alarms'
  | 'all metrics'
  | 'the mail account'
  | 'the sender'
  | 'alarms'
  | 'dashboards'
  | 'failed runs'

/** A call of AWS, by its IAM action. */
export type Permission = readonly [action: string, on: Target]

/** The policies of lib/constructs/operations/people-policies.ts; who is granted `operate` is granted `read` too. */
export type Policy = 'read' | 'operate'

export interface CommandPermissions {
  /** The least of the two policies with which the command works. */
  readonly policy: Policy
  readonly permissions: readonly Permission[]
}

/** Every command needs it to find the functions, with `--stage`. Who is asking needs no permission (sts). */
const FIND: Permission = ['cloudformation:DescribeStacks', 'the stacks']
const READER: Permission = ['lambda:InvokeFunction', 'operator-reader']
const OPERATOR: Permission = ['lambda:InvokeFunction', 'operator']
const PRODUCERS: Permission = ['lambda:InvokeFunction', 'producers']
const NOTIFIER: Permission = ['lambda:InvokeFunction', 'notifier']
const MAPPINGS: Permission = ['lambda:ListEventSourceMappings', 'mappings']
const GET_SCHEDULE: Permission = ['scheduler:GetSchedule', 'schedules']
const FAILED_RUNS: readonly Permission[] = [
  ['sqs:GetQueueUrl', 'failed runs'],
  ['sqs:GetQueueAttributes', 'failed runs'],
  ['sqs:ReceiveMessage', 'failed runs'],
]
const DROP: Permission = ['sqs:DeleteMessage', 'failed runs']

const read = (...permissions: readonly Permission[]): CommandPermissions => ({
  policy: 'read',
  permissions: [FIND, ...permissions],
})

const operate = (...permissions: readonly Permission[]): CommandPermissions => ({
  policy: 'operate',
  permissions: [FIND, ...permissions],
})

/** Reads files of a local run. */
const STATUS: readonly Permission[] = [
  ...[READER, MAPPINGS],
  ['cloudwatch:DescribeAlarms', 'all alarms'],
  ['cloudwatch:ListMetrics', 'all metrics'],
  ['cloudwatch:GetMetricData', 'all metrics'],
]

const LOCAL: CommandPermissions = { policy: 'read', permissions: [] }

const setSchedule = operate(
  GET_SCHEDULE,
  ['scheduler:UpdateSchedule', 'schedules'],
  ['iam:PassRole', 'schedules’ roles'],
)

/** What each command asks of AWS. Tests compare it with the commands that there are, and with the two policies. */
export const PERMISSIONS: Readonly<Record<string, CommandPermissions>> = {
  'topics list': read(READER),
  'topics describe': read(READER),
  'topics count': read(READER),
  'topics create': operate(OPERATOR),
  'messages read': read(READER),
  'messages follow': read(READER),
  'groups list': read(READER),
  'groups describe': read(READER),
  'groups reset': operate(
    ...[OPERATOR, MAPPINGS],
    ['lambda:GetEventSourceMapping', 'consumers’ mappings'],
    ['lambda:UpdateEventSourceMapping', 'consumers’ mappings'],
  ),
  'watches list': read(READER),
  'watches add': operate(READER, OPERATOR, PRODUCERS, NOTIFIER),
  'watches show': read(READER),
  'watches target': operate(READER, OPERATOR),
  'watches pause': operate(READER, OPERATOR),
  'watches resume': operate(READER, OPERATOR),
  'watches snooze': operate(OPERATOR),
  'watches unsnooze': operate(OPERATOR),
  'watches remove': operate(READER, OPERATOR),
  'watches import': operate(OPERATOR),
  'watches export': read(READER),
  prices: read(READER),
  'alerts list': read(READER),
  'alerts show': read(READER),
  'users list': read(READER),
  'users add': operate(OPERATOR),
  'users show': read(READER),
  'users set': operate(OPERATOR),
  'users mute': operate(OPERATOR),
  'users unmute': operate(OPERATOR),
  'users remove': operate(READER, OPERATOR),
  'channels list': read(READER),
  'channels add': operate(OPERATOR),
  'channels secret': operate(OPERATOR),
  'channels test': operate(OPERATOR, READER, NOTIFIER),
  'channels enable': operate(OPERATOR),
  'channels remove': operate(READER, OPERATOR),
  'mail list': LOCAL,
  'mail show': LOCAL,
  'mail open': LOCAL,
  'deals list': read(READER),
  search: read(READER),
  'search reindex': operate(OPERATOR),
  'filters list': read(READER),
  'filters add': operate(OPERATOR),
  'filters remove': operate(READER, OPERATOR),
  'reports show': read(READER),
  'rejected list': read(READER),
  'rejected show': read(READER),
  'rejected redrive': operate(READER, OPERATOR),
  'notifier show': read(READER),
  'notifier confirm': operate(READER, OPERATOR),
  'schedules list': read(READER, GET_SCHEDULE),
  'schedules run': operate(GET_SCHEDULE, MAPPINGS, PRODUCERS),
  'schedules pause': setSchedule,
  'schedules resume': setSchedule,
  'failed-runs list': read(...FAILED_RUNS),
  'failed-runs retry': operate(...FAILED_RUNS, PRODUCERS, DROP),
  'failed-runs purge': operate(...FAILED_RUNS, DROP),
  status: read(...STATUS),
  doctor: read(
    ...[...STATUS, GET_SCHEDULE],
    ['ses:GetAccount', 'the mail account'],
    ['ses:GetEmailIdentity', 'the sender'],
  ),
  // The pages ask for as much as the commands of what they show.
  console: read(READER, ['cloudwatch:GetDashboard', 'dashboards']),
  completion: LOCAL,
  complete: read(READER),
  logs: read(['lambda:GetFunctionConfiguration', 'functions'], ['logs:FilterLogEvents', 'log groups']),
  alarms: read(['cloudwatch:DescribeAlarms', 'all alarms'], ['cloudwatch:DescribeAlarmHistory', 'alarms']),
}
