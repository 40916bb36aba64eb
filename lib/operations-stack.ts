import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { Operator } from './constructs/functions/operator.ts'
import { PeoplePolicies } from './constructs/operations/people-policies.ts'
import type { SearchCall } from './constructs/search/search-domain.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'
import type { NotificationStack } from './notification-stack.ts'
import { namePart } from './part-names.ts'
import type { PipelineStack } from './pipeline-stack.ts'
import type { SearchStack } from './search-stack.ts'

export interface OperationsStackProps extends StackProps {
  readonly network: NetworkStack
  readonly data: DataStack
  readonly pipeline: PipelineStack
  readonly notification: NotificationStack
  /** Undefined where search is off. */
  readonly search?: SearchStack
  readonly defaults: FunctionDefaults
}

const SEARCHES: readonly SearchCall[] = [['Post', 'deals/_search']]

/** Of a reindex: a new index is filled and compared, the alias moved, the index before it removed (lambdas/operator/search). */
const REINDEXES: readonly SearchCall[] = [
  ['Get', 'deals*'],
  ['Put', 'deals-*'],
  ['Post', 'deals-*/_refresh'],
  ['Post', '_reindex'],
  ['Get', '_tasks/*'],
  ['Post', '_aliases'],
  ['Delete', 'deals-*'],
]

/**
 * What people operate Keeper with: one function that reads and one that changes, invoked by the command line and the
 * console with the caller's own credentials, and the policies that let people do so. No bastion, no public address.
 */
export class OperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { network, data, pipeline, notification, search, defaults, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props)
    const common = {
      defaults,
      kafka: data.kafka,
      postgres: data.postgres,
      bootstrapServers: data.bootstrapBrokers.servers,
      network: network.functions('operators', {
        description: 'The functions that people operate Keeper with',
        reaches: ['kafka', 'postgres', ...(search ? (['search'] as const) : [])],
      }),
    }
    const reader = new Operator(this, 'operator-reader', { ...common, access: 'read' })
    const operator = new Operator(this, 'operator', { ...common, access: 'change' })
    search?.domain.connect(reader.function, SEARCHES)
    search?.domain.connect(operator.function, [...SEARCHES, ...REINDEXES])
    for (const { node, function: handler } of [reader, operator]) {
      new CfnOutput(this, `${node.id}-function`, { value: handler.functionName, description: node.id })
    }
    // Named here, as `keeper` would have to ask whether there is a stack that few stages have.
    for (const { node, function: handler } of search ? [search.indexer, search.access] : []) {
      namePart(this, node.id, 'function', handler.functionName)
    }
    new PeoplePolicies(this, 'people', {
      stage: defaults.stage,
      reader: reader.function,
      operator: operator.function,
      producers: [...pipeline.producers, notification.notifier],
      consumers: [...pipeline.consumers, ...(search ? [search.indexer] : [])].map(
        (consumer) => consumer.function,
      ),
      logsOf: search ? ['search'] : [],
      others: [
        ...[pipeline.maintenance.function, pipeline.migrations.function],
        ...(search ? [search.access.function] : []),
        ...(notification.links ? [notification.links.function] : []),
        ...(notification.mail ? [notification.mail.events.function] : []),
      ],
      mailIdentity: notification.mail?.identity,
    })
  }
}
