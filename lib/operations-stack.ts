import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { Operator } from './constructs/functions/operator.ts'
import { PeoplePolicies } from './constructs/operations/people-policies.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'
import type { NotificationStack } from './notification-stack.ts'
import type { PipelineStack } from './pipeline-stack.ts'

export interface OperationsStackProps extends StackProps {
  readonly network: NetworkStack
  readonly data: DataStack
  readonly pipeline: PipelineStack
  readonly notification: NotificationStack
  readonly defaults: FunctionDefaults
}

/**
 * What people operate Keeper with: one function that reads and one that changes, invoked by the command line and the
 * console with the caller's own credentials, and the policies that let people do so. No bastion, no public address.
 */
export class OperationsStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    { network, data, pipeline, notification, defaults, ...props }: OperationsStackProps,
  ) {
    super(scope, id, props)
    const common = {
      defaults,
      kafka: data.kafka,
      postgres: data.postgres,
      bootstrapServers: data.bootstrapBrokers.servers,
      network: network.functions('operators', {
        description: 'The functions that people operate Keeper with',
        reaches: ['kafka', 'postgres'],
      }),
    }
    const reader = new Operator(this, 'operator-reader', { ...common, access: 'read' })
    const operator = new Operator(this, 'operator', { ...common, access: 'change' })
    for (const { node, function: handler } of [reader, operator]) {
      new CfnOutput(this, `${node.id}-function`, { value: handler.functionName, description: node.id })
    }
    new PeoplePolicies(this, 'people', {
      stage: defaults.stage,
      reader: reader.function,
      operator: operator.function,
      producers: [...pipeline.producers, notification.notifier],
      consumers: pipeline.consumers.map((consumer) => consumer.function),
      others: [
        ...[pipeline.maintenance.function, pipeline.migrations.function],
        ...(notification.links ? [notification.links.function] : []),
        ...(notification.mail ? [notification.mail.events.function] : []),
      ],
      mailFrom: notification.mail?.from,
    })
  }
}
