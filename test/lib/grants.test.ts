import { describe, expect, test } from '@jest/globals'
import {
  ACCOUNT,
  CLUSTER_ARN,
  DeployedRoles,
  KEEPA_SECRET_ARN,
  MASTER_SECRET_ARN,
  REGION,
} from './deployed-policies.ts'
import { type Call, type Circumstances, simulate } from './simulate.ts'
import { MAIL_FROM } from './synthesized.ts'

const roles = new DeployedRoles('small')

const within = (kind: 'topic' | 'group', name: string) =>
  `${CLUSTER_ARN.replace(':cluster/', `:${kind}/`)}/${name}`
const PRICES = within('topic', 'price-updates')
const DEALS = within('topic', 'deal-updates')
const PRICE_GROUP = within('group', 'keeper-consumer-group')
const DEAL_GROUP = within('group', 'keeper-consumer-group-deals')
const databaseUser = (user: string) => `arn:aws:rds-db:${REGION}:${ACCOUNT}:dbuser:db-KEEPER/${user}`
const logStreamOf = (name: string) =>
  roles.arnAt(`${name}/${name}-logs`).replace(/\*$/, 'log-stream:2026/02/20/[1]0')
const queueOf = (name: string) => roles.arnAt(`${name}/failed-runs`)

const ses = (resource: string) => `arn:aws:ses:${REGION}:${ACCOUNT}:${resource}`
const SENDER = ses(`identity/${MAIL_FROM}`)
const MAILS = ses(`configuration-set/${roles.idAt('mail/mails')}`)

/** Whether the role of this path may make the call, asked of IAM's own rules. */
const decide = (role: string, call: Call, circumstances: Circumstances = {}): Promise<string> =>
  simulate(call, roles.policiesOf(role), {
    principal: `arn:aws:iam::${ACCOUNT}:role/${role}`,
    // What SES compares besides: https://docs.aws.amazon.com/ses/latest/dg/control-user-access.html
    ...(call[0] === 'ses:SendEmail' && { context: { 'ses:FromAddress': MAIL_FROM } }),
    ...circumstances,
  })

/** Whether an AWS service may make the call, which it makes with no policy of its own. */
const decideForService = (service: string, call: Call, circumstances: Circumstances): Promise<string> =>
  simulate(call, [], { principal: service, ...circumstances })

const produceTo = (topic: string): Call[] => [
  ['kafka-cluster:Connect', CLUSTER_ARN],
  ['kafka-cluster:WriteDataIdempotently', CLUSTER_ARN],
  ['kafka-cluster:DescribeTopic', topic],
  ['kafka-cluster:WriteData', topic],
]

/** What the event source mapping does with the function's role: https://docs.aws.amazon.com/lambda/latest/dg/msk-permissions.html */
const consume = (topic: string, group: string): Call[] => [
  ['kafka:DescribeCluster', CLUSTER_ARN],
  ['kafka:DescribeClusterV2', CLUSTER_ARN],
  ['kafka:GetBootstrapBrokers', '*'],
  ['kafka-cluster:Connect', CLUSTER_ARN],
  ['kafka-cluster:DescribeClusterDynamicConfiguration', CLUSTER_ARN],
  ['kafka-cluster:DescribeTopic', topic],
  ['kafka-cluster:ReadData', topic],
  ['kafka-cluster:DescribeGroup', group],
  ['kafka-cluster:AlterGroup', group],
]

const ANY_TOPICS = [PRICES, DEALS, within('topic', 'another')]
const ANY_GROUPS = [PRICE_GROUP, DEAL_GROUP, within('group', 'another')]
const READ_GROUP = within('group', 'keeper-read-0a1b')
/** What operations that only read ask of Kafka. */
const readKafka: Call[] = [
  ['kafka-cluster:Connect', CLUSTER_ARN],
  ['kafka-cluster:DescribeCluster', CLUSTER_ARN],
  ...ANY_TOPICS.flatMap((topic): Call[] => [
    ['kafka-cluster:DescribeTopic', topic],
    ['kafka-cluster:DescribeTopicDynamicConfiguration', topic],
    ['kafka-cluster:ReadData', topic],
  ]),
  ...[...ANY_GROUPS, READ_GROUP].map((group): Call => ['kafka-cluster:DescribeGroup', group]),
  ['kafka-cluster:AlterGroup', READ_GROUP],
  ['kafka-cluster:DeleteGroup', READ_GROUP],
]
/** What operations that change things ask of it besides. */
const operateKafka: Call[] = [
  ['kafka-cluster:WriteDataIdempotently', CLUSTER_ARN],
  ...ANY_TOPICS.flatMap((topic): Call[] => [
    ['kafka-cluster:CreateTopic', topic],
    ['kafka-cluster:WriteData', topic],
  ]),
  ...ANY_GROUPS.map((group): Call => ['kafka-cluster:AlterGroup', group]),
]

const signIn = (user: string): Call => ['rds-db:connect', databaseUser(user)]
const readSecret = (secret: string): Call => ['secretsmanager:GetSecretValue', secret]
const logs = (name: string): Call[] => [
  ['logs:CreateLogStream', logStreamOf(name)],
  ['logs:PutLogEvents', logStreamOf(name)],
  ['xray:PutTraceSegments', '*'],
]
/** Lambda's own, which bears no lambda:SourceFunctionArn. */
const networkInterfaces: Call[] = [
  ['ec2:DescribeNetworkInterfaces', '*'],
  ['ec2:DescribeSubnets', '*'],
]

/** Every call that each function makes, from its code. */
const CALLS: Record<string, Call[]> = {
  'price-check': [
    ...produceTo(PRICES),
    signIn('keeper_price_check'),
    readSecret(KEEPA_SECRET_ARN),
    ['sqs:SendMessage', queueOf('price-check')],
    ...logs('price-check'),
    ...networkInterfaces,
  ],
  'history-import': [
    ...produceTo(PRICES),
    signIn('keeper_history_import'),
    readSecret(KEEPA_SECRET_ARN),
    ['sqs:SendMessage', queueOf('history-import')],
    ...logs('history-import'),
    ...networkInterfaces,
  ],
  'deal-collector': [
    ...produceTo(DEALS),
    signIn('keeper_deal_collector'),
    readSecret(KEEPA_SECRET_ARN),
    ['sqs:SendMessage', queueOf('deal-collector')],
    ...logs('deal-collector'),
    ...networkInterfaces,
  ],
  'daily-deal-report': [
    ...produceTo(DEALS),
    signIn('keeper_daily_deal_report'),
    ['sqs:SendMessage', queueOf('daily-deal-report')],
    ...logs('daily-deal-report'),
    ...networkInterfaces,
  ],
  'price-consumer': [
    ...consume(PRICES, PRICE_GROUP),
    signIn('keeper_price_consumer'),
    ...logs('price-consumer'),
    ...networkInterfaces,
  ],
  'deal-consumer': [
    ...consume(DEALS, DEAL_GROUP),
    signIn('keeper_deal_consumer'),
    ...logs('deal-consumer'),
    ...networkInterfaces,
  ],
  maintenance: [
    ['kafka-cluster:Connect', CLUSTER_ARN],
    ['kafka-cluster:DescribeTopic', PRICES],
    ['kafka-cluster:DescribeTopic', DEALS],
    signIn('keeper_maintenance'),
    ['sqs:SendMessage', queueOf('maintenance')],
    ...logs('maintenance'),
    ...networkInterfaces,
  ],
  'operator-reader': [
    ...readKafka,
    signIn('keeper_operator_reader'),
    ...logs('operator-reader'),
    ...networkInterfaces,
  ],
  operator: [
    ...readKafka,
    ...operateKafka,
    signIn('keeper_operator'),
    ...logs('operator'),
    ...networkInterfaces,
  ],
  notifier: [
    signIn('keeper_notifier'),
    ['sqs:SendMessage', queueOf('notifier')],
    ['ses:SendEmail', SENDER],
    // A verified recipient, for whom SES asks in its sandbox.
    ['ses:SendEmail', ses('identity/ada@example.com')],
    ['ses:SendEmail', MAILS],
    ['ses:GetAccount', '*'],
    ...logs('notifier'),
    ...networkInterfaces,
  ],
  migrator: [readSecret(MASTER_SECRET_ARN), signIn('keeper'), ...logs('migrator'), ...networkInterfaces],
  'mail-events': [
    signIn('keeper_mail_events'),
    ['sqs:SendMessage', roles.arnAt('mail-events/failed-runs')],
    ...logs('mail-events'),
    ...networkInterfaces,
  ],
  'bootstrap-brokers': [['kafka:GetBootstrapBrokers', '*'], ...logs('bootstrap-brokers')],
}

const FUNCTIONS = Object.keys(CALLS)

/** What nobody may do, and everything that one of the functions does. */
const ANY_CALL: Call[] = [
  ...Object.values(CALLS).flat(),
  ...ANY_TOPICS.flatMap((topic): Call[] => [
    ['kafka-cluster:CreateTopic', topic],
    ['kafka-cluster:DeleteTopic', topic],
    ['kafka-cluster:AlterTopic', topic],
    ['kafka-cluster:AlterTopicDynamicConfiguration', topic],
    ['kafka-cluster:ReadData', topic],
    ['kafka-cluster:WriteData', topic],
  ]),
  ...ANY_GROUPS.flatMap((group): Call[] => [
    ['kafka-cluster:AlterGroup', group],
    ['kafka-cluster:DeleteGroup', group],
  ]),
  ['kafka-cluster:AlterCluster', CLUSTER_ARN],
  ['kafka-cluster:Connect', CLUSTER_ARN.replace('/keeper/', '/another/')],
  ['kafka-cluster:WriteData', PRICES.replace('-6/', '-7/')],
  ['kafka:DeleteCluster', CLUSTER_ARN],
  signIn('rdsadmin'),
  readSecret(KEEPA_SECRET_ARN.replace('keepa', 'other')),
  ['secretsmanager:PutSecretValue', KEEPA_SECRET_ARN],
  ['sqs:ReceiveMessage', queueOf('price-check')],
  ['sqs:PurgeQueue', queueOf('price-check')],
  ['logs:DeleteLogGroup', roles.arnAt('price-check/price-check-logs').replace(/:\*$/, '')],
  ['lambda:InvokeFunction', roles.arnAt('price-check/price-check')],
  ['ses:SendEmail', ses('configuration-set/other')],
  ['ses:SendRawEmail', SENDER],
  ['ses:DeleteEmailIdentity', SENDER],
  ['rds:DeleteDBInstance', `arn:aws:rds:${REGION}:${ACCOUNT}:db:keeper`],
  ['ec2:TerminateInstances', `arn:aws:ec2:${REGION}:${ACCOUNT}:instance/i-0123456789abcdef0`],
]

const unique = (calls: readonly Call[]): Call[] => [
  ...new Map(calls.map((call) => [call.join(' '), call])).values(),
]

describe('each role', () => {
  test.each(FUNCTIONS)('of %s may make every call that its code makes', async (name) => {
    for (const call of CALLS[name] ?? []) {
      expect([...call, await decide(`${name}-role`, call)]).toEqual([...call, 'allowed'])
    }
  })

  test.each(FUNCTIONS)('of %s may make no other call, its neighbours least of all', async (name) => {
    const own = new Set(CALLS[name]?.map((call) => call.join(' ')))
    const others = unique(ANY_CALL).filter((call) => !own.has(call.join(' ')))
    expect(others.length).toBeGreaterThan(40)
    for (const call of others) {
      expect([...call, await decide(`${name}-role`, call)]).toEqual([...call, 'denied'])
    }
  })

  test.each(FUNCTIONS)('of %s has all its grants in one policy of its own', (name) => {
    expect(roles.policiesOf(`${name}-role`)).toHaveLength(1)
  })

  test('has no managed policy, but for two of the CDK that work during deployments', () => {
    expect([...roles.managedPolicies().keys()]).toEqual([
      'keeper-dev-network/Custom::VpcRestrictDefaultSGCustomResourceProvider/Role',
      'keeper-dev-pipeline/AWSCDK.TriggerCustomResourceProviderCustomResourceProvider/Role',
    ])
  })
})

describe('the notifier', () => {
  test('sends mail from its own sender alone', async () => {
    const from = (address: string) =>
      decide('notifier-role', ['ses:SendEmail', SENDER], { context: { 'ses:FromAddress': address } })
    expect(await from(MAIL_FROM)).toBe('allowed')
    expect(await from('ceo@example.com')).toBe('denied')
  })
})

describe('a schedule', () => {
  const SCHEDULED = [
    'price-check',
    'history-import',
    'deal-collector',
    'daily-deal-report',
    'maintenance',
    'notifier',
  ]

  test.each(SCHEDULED)('starts %s and no other function', async (name) => {
    for (const other of SCHEDULED) {
      const call: Call = ['lambda:InvokeFunction', roles.arnAt(`${other}/${other}`)]
      expect([other, await decide(`${name}/schedule-role`, call)]).toEqual([
        other,
        other === name ? 'allowed' : 'denied',
      ])
    }
  })
})

describe("SES's events", () => {
  test('reach the function that switches addresses off, from their rule alone', () => {
    const [permission] = roles.invocationsFrom('events.amazonaws.com')
    expect(permission).toEqual({
      target: roles.arnAt('mail-events/mail-events'),
      source: roles.arnAt('mail-events/rule'),
    })
    expect(roles.invocationsFrom('events.amazonaws.com')).toHaveLength(1)
  })
})

describe("Lambda's work on network interfaces", () => {
  test.each(FUNCTIONS.filter((name) => name !== 'bootstrap-brokers'))(
    'is denied to the code of %s itself',
    (name) => {
      const statements = roles.policiesOf(`${name}-role`).flatMap(({ Statement }) => Statement)
      expect(statements).toContainEqual({
        Effect: 'Deny',
        Action: expect.arrayContaining(['ec2:CreateNetworkInterface', 'ec2:DeleteNetworkInterface']),
        Resource: '*',
        Condition: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      })
    },
  )
})

/** Who must reach a resource that has a policy of its own, by the end of its construct's path. */
const REACHED_BY: readonly [path: RegExp, by: 'alarms' | 'failed runs' | ServiceName][] = [
  [/^alarms\/Policy$/, 'alarms'],
  [/\/failed-runs\/Policy$/, 'failed runs'],
  [/\/schedule-role$/, 'scheduler.amazonaws.com'],
  [/\/rejected\/IAMRole$/, 'vpc-flow-logs.amazonaws.com'],
  [/(-role|Provider\/Role)$/, 'lambda.amazonaws.com'],
]
type ServiceName = `${string}.amazonaws.com`

const reachedBy = (path: string) => REACHED_BY.find(([pattern]) => pattern.test(path))?.[1]
const resourcePolicies = [...roles.resourcePolicies()]
const policiesFor = (by: string) => resourcePolicies.filter(([path]) => reachedBy(path) === by)

const OVER_TLS = { 'aws:SecureTransport': 'true', 'aws:SourceAccount': ACCOUNT }
const WITHOUT_TLS = { ...OVER_TLS, 'aws:SecureTransport': 'false' }
const FOR_ANOTHER_ACCOUNT = { ...OVER_TLS, 'aws:SourceAccount': '444455556666' }

describe("a resource's own policy", () => {
  test('is known here, with who must get past it', () => {
    expect(resourcePolicies.map(([path]) => path).filter((path) => !reachedBy(path))).toEqual([])
    for (const [, by] of REACHED_BY) expect([by, policiesFor(by).length]).not.toEqual([by, 0])
  })

  test("lets this account's alarms, and nobody else's, publish to the topic that people subscribe to", async () => {
    const publish: Call = ['sns:Publish', roles.arnAt('alarms')]
    for (const [, resourcePolicy] of policiesFor('alarms')) {
      const by = (context: Record<string, string>, service = 'cloudwatch.amazonaws.com') =>
        decideForService(service, publish, { resourcePolicy, context })
      expect(await by(OVER_TLS)).toBe('allowed')
      expect(await by(WITHOUT_TLS)).toBe('denied')
      expect(await by(FOR_ANOTHER_ACCOUNT)).toBe('denied')
      expect(await by(OVER_TLS, 'events.amazonaws.com')).toBe('denied')
    }
  })

  test('lets Lambda and the scheduler put failed runs into their queue over TLS', async () => {
    for (const [path, resourcePolicy] of policiesFor('failed runs')) {
      const name = path.split('/').at(-3) ?? ''
      const send: Call = ['sqs:SendMessage', queueOf(name)]
      const senders = name === 'mail-events' ? [`${name}-role`] : [`${name}-role`, `${name}/schedule-role`]
      for (const role of senders) {
        expect([role, await decide(role, send, { resourcePolicy, context: OVER_TLS })]).toEqual([
          role,
          'allowed',
        ])
        expect([role, await decide(role, send, { resourcePolicy, context: WITHOUT_TLS })]).toEqual([
          role,
          'denied',
        ])
      }
    }
  })

  test('lets the rule of mail events, and no other, put what it cannot deliver into the queue', async () => {
    const policies = policiesFor('failed runs').filter(([path]) => path.includes('mail-events'))
    expect(policies).toHaveLength(1)
    for (const [, resourcePolicy] of policies) {
      const of = (rule: string, context: Record<string, string> = OVER_TLS) =>
        decideForService('events.amazonaws.com', ['sqs:SendMessage', queueOf('mail-events')], {
          resourcePolicy,
          context: { ...context, 'aws:SourceArn': rule },
        })
      const rule = roles.arnAt('mail-events/rule')
      expect(await of(rule)).toBe('allowed')
      expect(await of(`${rule}x`)).toBe('denied')
      expect(await of(rule, WITHOUT_TLS)).toBe('denied')
    }
  })

  test.each(REACHED_BY.map(([, by]) => by).filter((by) => by.includes('.')))(
    'lets %s assume the roles that it works with',
    async (service) => {
      const assume: Call = ['sts:AssumeRole', `arn:aws:iam::${ACCOUNT}:role/any`]
      for (const [path, resourcePolicy] of policiesFor(service)) {
        const by = (name: string) => decideForService(name, assume, { resourcePolicy, context: OVER_TLS })
        expect([path, await by(service)]).toEqual([path, 'allowed'])
        expect([path, await by('ec2.amazonaws.com')]).toEqual([path, 'denied'])
      }
    },
  )
})
