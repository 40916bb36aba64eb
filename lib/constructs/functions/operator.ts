import { Duration, Size, Stack, Validations } from 'aws-cdk-lib'
import { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { shownByNag } from '../shown-by-nag.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'

export interface OperatorProps {
  readonly defaults: FunctionDefaults
  readonly kafka: Kafka
  readonly postgres: Postgres
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  readonly network: FunctionNetwork
  /** What its rights and its database user let it do. */
  readonly access: 'read' | 'change'
}

/** Everyday operations on what is inside the VPC: lambdas/operator, with the rights of `access`. */
export class Operator extends Construct {
  readonly function: KeeperFunction

  constructor(scope: Construct, id: string, props: OperatorProps) {
    const { access, kafka, postgres, bootstrapServers } = props
    super(scope, id)
    this.function = new KeeperFunction(this, id, {
      defaults: props.defaults,
      source: 'operator',
      description:
        access === 'read' ? 'Reads Kafka and Postgres for people' : 'Changes Kafka and Postgres for people',
      timeout: Duration.minutes(1),
      memory: Size.mebibytes(512),
      network: props.network,
      environment: {
        [ENVIRONMENT.operatorAccess]: access,
        [ENVIRONMENT.bootstrapServers]: bootstrapServers,
        [ENVIRONMENT.kafkaAuthentication]: 'iam',
      },
    })
    kafka.grantRead(this.function)
    if (access === 'change') kafka.grantOperate(this.function)
    postgres.connect(this.function)
    for (const arn of kafka.wildcards()) {
      Validations.of(this.function.executionRole).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${shownByNag(Stack.of(this).resolve(arn))}]`,
        reason:
          'People operate every topic and group of this cluster, and those that will come; who may invoke the function is their own policy’s to say.',
      })
    }
  }
}
