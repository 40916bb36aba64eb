import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { DEAL_UPDATES, PRICE_UPDATES } from '../lambdas/core/topics.ts'
import type { SizeProfile } from './config.ts'
import { BootstrapBrokers } from './constructs/bootstrap-brokers.ts'
import { KafkaCluster } from './constructs/kafka-cluster.ts'
import { KafkaTopics } from './constructs/kafka-topics.ts'
import { PriceDatabase } from './constructs/price-database.ts'
import type { NetworkStack } from './network-stack.ts'

export interface DataStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
}

/** What must survive every deployment: the events, the tables and the key to Keepa. */
export class DataStack extends Stack {
  readonly cluster: KafkaCluster
  readonly bootstrapBrokers: BootstrapBrokers
  readonly database: PriceDatabase
  readonly keepaApiKey: Secret

  constructor(scope: Construct, id: string, { profile, network, ...props }: DataStackProps) {
    super(scope, id, props)
    const { logRetention, kafka, database } = profile
    const { vpc } = network

    this.cluster = new KafkaCluster(this, 'kafka', {
      vpc,
      securityGroup: network.brokers,
      brokers: kafka.brokers,
      instanceType: kafka.instanceType,
      storage: kafka.storage,
      replicationFactor: kafka.replicationFactor,
      logRetention,
    })

    new KafkaTopics(this, 'topics', {
      cluster: this.cluster,
      topics: [
        { topic: PRICE_UPDATES, partitions: kafka.partitions.prices },
        { topic: DEAL_UPDATES, partitions: kafka.partitions.deals },
      ],
    })

    this.bootstrapBrokers = new BootstrapBrokers(this, 'bootstrap-brokers', {
      cluster: this.cluster,
      logRetention,
    })

    this.database = new PriceDatabase(this, 'database', { vpc, securityGroup: network.database, ...database })

    this.keepaApiKey = new Secret(this, 'keepa-api-key', {
      description: "Keepa's API key: put the value here after the first deployment",
      removalPolicy: RemovalPolicy.RETAIN,
    })

    new CfnOutput(this, 'BootstrapBrokers', { value: this.bootstrapBrokers.servers })
    new CfnOutput(this, 'DatabaseEndpoint', { value: this.database.endpoint })
    new CfnOutput(this, 'KeepaApiKeySecret', { value: this.keepaApiKey.secretArn })
  }

  /** The dashboard's rows of this stack. */
  dashboardRows(): IWidget[][] {
    return [this.cluster.widgets(), this.database.widgets()]
  }
}
