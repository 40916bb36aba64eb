import { describe, expect, test } from '@jest/globals'
import { ACCOUNT, CLUSTER_ARN, DeployedRoles, DOMAIN_ARN, REGION } from './deployed-policies.ts'
import { type Call, simulate } from './simulate.ts'
import { resourceAt, resourcesByPath, SEARCHED, templatesOf, widgetsOf } from './synthesized.ts'

const sizes = ['dev', 'small', 'large']
const searchOf = (size: string) => {
  const { search } = templatesOf(size, SEARCHED)
  if (!search) throw new Error('search is on, and there is no stack')
  return search
}
const domainOf = (size: string) => resourceAt(searchOf(size), 'AWS::OpenSearchService::Domain', 'search/')

describe('search', () => {
  test('is off unless it is asked for: no stack, no setting, nobody lets anyone in', () => {
    const { search, operations, network } = templatesOf('small')
    expect(search).toBeUndefined()
    expect(JSON.stringify([operations.toJSON(), network.toJSON()])).not.toMatch(/SEARCH_ENDPOINT|OpenSearch/)
  })

  test.each(sizes)('is encrypted in %s, on HTTPS alone, inside the network, without a password', (size) => {
    expect(domainOf(size).Properties).toMatchObject({
      EncryptionAtRestOptions: { Enabled: true },
      NodeToNodeEncryptionOptions: { Enabled: true },
      DomainEndpointOptions: { EnforceHTTPS: true, TLSSecurityPolicy: expect.stringContaining('TLS-1-2') },
      AdvancedSecurityOptions: {
        Enabled: true,
        InternalUserDatabaseEnabled: false,
        MasterUserOptions: { MasterUserARN: { 'Fn::GetAtt': expect.any(Array) } },
      },
      VPCOptions: { SubnetIds: expect.any(Array), SecurityGroupIds: [expect.anything()] },
    })
  })

  test('takes a newer version in its place, where CloudFormation would make another, empty domain', () => {
    expect(domainOf('small')).toMatchObject({ UpdatePolicy: { EnableVersionUpgrade: true } })
  })

  test.each([
    ['dev', 1],
    ['small', 2],
    ['large', 3],
  ])('has in %s %i nodes, each in a zone of its own', (size, nodes) => {
    const { ClusterConfig, VPCOptions } = domainOf(size).Properties as {
      ClusterConfig: { InstanceCount: number; ZoneAwarenessConfig?: object }
      VPCOptions: { SubnetIds: unknown[] }
    }
    expect(ClusterConfig.InstanceCount).toBe(nodes)
    expect(VPCOptions.SubnetIds).toHaveLength(nodes)
    expect(ClusterConfig.ZoneAwarenessConfig).toEqual(
      nodes === 1 ? undefined : { AvailabilityZoneCount: nodes },
    )
  })

  test('is deleted with a stage of one engineer, and kept in the others as other data is', () => {
    expect(sizes.map((size) => domainOf(size).DeletionPolicy)).toEqual([
      'Delete',
      'RetainExceptOnCreate',
      'RetainExceptOnCreate',
    ])
  })

  test('writes its logs to groups that forget', () => {
    const groups = [...resourcesByPath(searchOf('small'), 'AWS::Logs::LogGroup')]
    expect(groups.map(([path]) => path.split('/').at(-2)).sort()).toEqual([
      'errors-logs',
      // Of the CDK's function that runs the trigger.
      'logs',
      'search-access-logs',
      'search-indexer-logs',
      'slow-indexing-logs',
      'slow-searches-logs',
    ])
    for (const [, { Properties }] of groups) expect(Properties.RetentionInDays).toEqual(expect.any(Number))
  })

  test('opens its door before the indexer knocks', () => {
    const mapping = resourceAt(searchOf('dev'), 'AWS::Lambda::EventSourceMapping', 'search-indexer/')
    expect(mapping.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^searchaccesstrigger/)]))
    expect(mapping.Properties).toMatchObject({
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: 'keeper-consumer-group-search' },
      StartingPosition: 'TRIM_HORIZON',
      Topics: ['deal-updates'],
    })
  })

  test('raises alarms on its consumer and on its domain, and on nothing where it is off', () => {
    const alarmsOf = (context = {}) =>
      [...resourcesByPath(templatesOf('small', context).monitoring, 'AWS::CloudWatch::Alarm').keys()].map(
        (path) => path.replace('/Resource', ''),
      )
    const before = new Set(alarmsOf())
    expect(
      alarmsOf(SEARCHED)
        .filter((id) => !before.has(id))
        .sort(),
    ).toEqual([
      'search-disk',
      ...['behind', 'duration', 'errors', 'missed', 'nearly-forgotten'].map((id) => `search-indexer-${id}`),
      ...['rejected', 'stalled', 'stores-nothing', 'throttles'].map((id) => `search-indexer-${id}`),
      ...['search-memory', 'search-red', 'search-refuses-writes'],
    ])
  })

  test('shows on its dashboards what became of deals, and how the domain does', () => {
    const { monitoring } = templatesOf('small', SEARCHED)
    const shown = (step: string) =>
      widgetsOf(monitoring, step).flatMap(({ metrics = [] }) => metrics.map(([, metric]) => metric))
    expect(shown('search-indexer')).toEqual(
      expect.arrayContaining(['DealsIndexed', 'DealsOutdated', 'RecordsRejected', 'OffsetLag']),
    )
    expect(shown('search')).toEqual(expect.arrayContaining(['ClusterStatus.red', 'JVMMemoryPressure']))
  })

  test('is as it was when its snapshot was taken', () => {
    const { Properties } = domainOf('dev')
    expect(Properties).toMatchSnapshot()
  })
})

describe('who may ask the domain', () => {
  const roles = new DeployedRoles('small', SEARCHED)
  const decide = (name: string, call: Call) =>
    simulate(call, roles.policiesOf(`${name}-role`), {
      principal: `arn:aws:iam::${ACCOUNT}:role/${name}-role`,
    })
  const ask = (method: string, path: string): Call => [`es:ESHttp${method}`, `${DOMAIN_ARN}/${path}`]
  const SEARCH = [ask('Post', 'deals/_search')]
  const INDEX = [
    ask('Post', 'deals/_bulk'),
    ask('Get', 'deals/_mapping'),
    ask('Put', 'deals-v1'),
    ask('Post', '_aliases'),
  ]
  const REINDEX = [
    ...[ask('Get', 'deals-v*/_mapping'), ask('Get', 'deals-v1/_stats/docs'), ask('Put', 'deals-v2')],
    ...[ask('Post', '_reindex'), ask('Get', '_tasks/node:17'), ask('Put', 'deals-v1/_block/write')],
    ...[ask('Post', 'deals-v1/_refresh'), ask('Get', 'deals-v2/_count'), ask('Post', '_aliases')],
    ask('Delete', 'deals-v1'),
  ]
  const SECURITY = ['roles', 'rolesmapping'].map((kind) =>
    ask('Put', `_plugins/_security/api/${kind}/keeper`),
  )
  const NOBODY = [
    ...[
      ask('Put', '_plugins/_security/api/roles/all_access'),
      ask('Delete', '_plugins/_security/api/roles/keeper'),
    ],
    ...[
      ask('Delete', 'another'),
      ask('Delete', 'deals'),
      ask('Put', '_cluster/settings'),
      ask('Get', '_search'),
    ],
    ['es:DeleteDomain', DOMAIN_ARN] as Call,
  ]

  test.each([
    ['search-indexer', INDEX, [...SEARCH, ...SECURITY, ask('Post', '_reindex'), ask('Delete', 'deals-v1')]],
    ['operator-reader', SEARCH, [...INDEX, ...REINDEX, ...SECURITY]],
    ['operator', [...SEARCH, ...REINDEX], [...SECURITY, ask('Post', 'deals/_bulk')]],
    ['search-access', SECURITY, [...SEARCH, ...INDEX, ...REINDEX]],
    ['deal-consumer', [], [...SEARCH, ...INDEX, ...REINDEX, ...SECURITY]],
  ])('%s sends its own requests and no others', async (name, allowed, denied) => {
    for (const call of allowed) expect([...call, await decide(name, call)]).toEqual([...call, 'allowed'])
    for (const call of [...denied, ...NOBODY]) {
      expect([...call, await decide(name, call)]).toEqual([...call, 'denied'])
    }
  })

  test('the indexer reads its topic as its own group, and signs in as its own user', async () => {
    const within = (kind: string, name: string) => `${CLUSTER_ARN.replace(':cluster/', `:${kind}/`)}/${name}`
    for (const [call, expected] of [
      [['kafka-cluster:ReadData', within('topic', 'deal-updates')], 'allowed'],
      [['kafka-cluster:ReadData', within('topic', 'price-updates')], 'denied'],
      [['kafka-cluster:AlterGroup', within('group', 'keeper-consumer-group-search')], 'allowed'],
      [['kafka-cluster:AlterGroup', within('group', 'keeper-consumer-group-deals')], 'denied'],
      [
        ['rds-db:connect', `arn:aws:rds-db:${REGION}:${ACCOUNT}:dbuser:db-KEEPER/keeper_search_indexer`],
        'allowed',
      ],
    ] as [Call, string][]) {
      expect([...call, await decide('search-indexer', call)]).toEqual([...call, expected])
    }
  })

  test('functions reach it on 443, and it reaches nobody', () => {
    const { network } = templatesOf('small', SEARCHED)
    const rules = [...resourcesByPath(network, 'AWS::EC2::SecurityGroupIngress')].filter(([path]) =>
      path.startsWith('search/'),
    )
    expect(rules.map(([, { Properties }]) => [Properties.Description, Properties.FromPort]).sort()).toEqual([
      ['operators', 443],
      ['search-access', 443],
      ['search-indexer', 443],
    ])
    expect(
      [...resourcesByPath(network, 'AWS::EC2::SecurityGroupEgress').keys()].filter((path) =>
        path.startsWith('search/'),
      ),
    ).toEqual([])
  })
})
