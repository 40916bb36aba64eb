import { runSimulation } from '@cloud-copilot/iam-simulate'
import { describe, expect, test } from '@jest/globals'
import {
  ACCOUNT,
  CLUSTER_ARN,
  DeployedRoles,
  KEEPA_SECRET_ARN,
  MASTER_SECRET_ARN,
  REGION,
} from './deployed-policies.ts'

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

type Call = readonly [action: string, resource: string]

/** Whether the role of this path may make the call, asked of IAM's own rules. */
async function decide(role: string, [action, resource]: Call): Promise<string> {
  const result = await runSimulation(
    {
      request: {
        principal: `arn:aws:iam::${ACCOUNT}:role/${role}`,
        action,
        resource: { resource, accountId: ACCOUNT },
        contextVariables: {},
      },
      identityPolicies: roles.policiesOf(role).map((policy, index) => ({ name: `${role}-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  )
  if (result.resultType === 'error')
    throw new Error(`${action} ${resource}: ${JSON.stringify(result.errors)}`)
  return result.overallResult === 'Allowed' ? 'allowed' : 'denied'
}

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
  migrator: [readSecret(MASTER_SECRET_ARN), signIn('keeper'), ...logs('migrator'), ...networkInterfaces],
  'bootstrap-brokers': [['kafka:GetBootstrapBrokers', '*'], ...logs('bootstrap-brokers')],
}

const FUNCTIONS = Object.keys(CALLS)

/** What nobody may do, and everything that one of the functions does. */
const ANY_CALL: Call[] = [
  ...Object.values(CALLS).flat(),
  ...[PRICES, DEALS, within('topic', 'another')].flatMap((topic): Call[] => [
    ['kafka-cluster:CreateTopic', topic],
    ['kafka-cluster:DeleteTopic', topic],
    ['kafka-cluster:AlterTopic', topic],
    ['kafka-cluster:AlterTopicDynamicConfiguration', topic],
    ['kafka-cluster:ReadData', topic],
    ['kafka-cluster:WriteData', topic],
  ]),
  ...[PRICE_GROUP, DEAL_GROUP, within('group', 'another')].flatMap((group): Call[] => [
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

describe('a schedule', () => {
  test.each(['price-check', 'deal-collector', 'daily-deal-report'])(
    'starts %s and no other function',
    async (name) => {
      for (const other of ['price-check', 'deal-collector', 'daily-deal-report']) {
        const call: Call = ['lambda:InvokeFunction', roles.arnAt(`${other}/${other}`)]
        expect([other, await decide(`${name}/schedule-role`, call)]).toEqual([
          other,
          other === name ? 'allowed' : 'denied',
        ])
      }
    },
  )
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
