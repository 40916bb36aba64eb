import { Annotations, CfnOutput, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import { KEEPA_API_KEY_PLACEHOLDER } from '../lambdas/core/environment.ts'
import type { SizeProfile } from './config.ts'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { BootstrapBrokers } from './constructs/kafka/bootstrap-brokers.ts'
import { Kafka } from './constructs/kafka/kafka.ts'
import { KafkaCluster } from './constructs/kafka/kafka-cluster.ts'
import { KafkaTopics } from './constructs/kafka/kafka-topics.ts'
import type { Monitored } from './constructs/monitoring/monitored.ts'
import { Postgres } from './constructs/postgres/postgres.ts'
import { PriceDatabase } from './constructs/postgres/price-database.ts'
import { type DeployedStage, STAGE_METADATA } from './deployed-stage.ts'
import type { Existing, ExistingDatabase, ExistingKafka } from './existing.ts'
import type { NetworkStack } from './network-stack.ts'

export interface DataStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
  readonly existing: Existing
  readonly defaults: FunctionDefaults
  /** The record of this deployment, for `npm run record-stage`. */
  readonly record: DeployedStage
  /**
   * Whether the stage has been deployed and recorded. A first deployment is not protected against deletion, because
   * CloudFormation must be able to delete what it created if that deployment fails.
   */
  readonly isRecorded: boolean
  /** Whether there is a public page, whose links are signed. */
  readonly publicLinks: 'on' | 'off'
}

/** Everything that must survive deployments: the events, the tables, Keepa's API key and the keys of links. */
export class DataStack extends Stack {
  readonly kafka: Kafka
  readonly bootstrapBrokers: BootstrapBrokers
  readonly postgres: Postgres
  readonly keepaApiKey: Secret
  /** The keys that sign the links in messages; undefined without a public page. */
  readonly linkKeys?: Secret

  constructor(
    scope: Construct,
    id: string,
    { profile, network, existing, defaults, record, isRecorded, publicLinks, ...props }: DataStackProps,
  ) {
    const isProtected = profile.protectData && isRecorded
    super(scope, id, { ...props, terminationProtection: isProtected })
    this.addMetadata(STAGE_METADATA, record)
    const removalPolicy = profile.protectData
      ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE
      : RemovalPolicy.DESTROY
    if (profile.protectData && !isRecorded) {
      this.#warn(
        'unprotected',
        `Not protected against deletion yet, so that a failed first deployment can be repeated. After the first success run npm run record-stage -- ${defaults.stage}, and deploy again.`,
      )
    }
    const { topics } = profile.kafka

    this.kafka = existing.kafka
      ? this.#useKafka(existing.kafka, profile)
      : this.#makeKafka(profile, network, removalPolicy)
    this.postgres = existing.database
      ? this.#usePostgres(existing.database, profile)
      : this.#makePostgres(profile, network, isProtected)

    new KafkaTopics(this, 'topics', { kafka: this.kafka, topics, removalPolicy })
    this.bootstrapBrokers = new BootstrapBrokers(this, 'bootstrap-brokers', { kafka: this.kafka, defaults })

    this.keepaApiKey = new Secret(this, 'keepa-api-key', {
      description: "Keepa's API key: put the value here after the first deployment",
      // Generated rather than given: CloudFormation may rewrite a given value with any later change of the secret.
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ keepa: KEEPA_API_KEY_PLACEHOLDER }),
        generateStringKey: 'unused',
      },
      removalPolicy,
    })
    Validations.of(this.keepaApiKey).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: 'Keepa has no API to rotate the key: whoever renews it there stores it in the secret.',
    })

    if (publicLinks === 'on') {
      this.linkKeys = this.#makeLinkKeys(removalPolicy)
      new CfnOutput(this, 'LinkKeysSecret', { value: this.linkKeys.secretArn })
    }

    new CfnOutput(this, 'KafkaClusterArn', { value: this.kafka.clusterArn })
    new CfnOutput(this, 'BootstrapBrokers', { value: this.bootstrapBrokers.servers })
    new CfnOutput(this, 'DatabaseEndpoint', { value: this.postgres.endpoint })
    new CfnOutput(this, 'DatabaseSecret', { value: this.postgres.masterSecret.secretArn })
    new CfnOutput(this, 'KeepaApiKeySecret', { value: this.keepaApiKey.secretArn })
  }

  /** The monitored parts of this stack. */
  monitored(): Monitored[] {
    return [this.kafka, this.postgres]
  }

  #makeLinkKeys(removalPolicy: RemovalPolicy): Secret {
    const secret = new Secret(this, 'link-keys', {
      description: 'The keys that sign the links in messages: {"current": ..., "previous": ...}',
      generateSecretString: {
        secretStringTemplate: '{}',
        generateStringKey: 'current',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy,
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'A new key ends the links of the mails that people have, so a person replaces it, keeping the one before for 60 days (docs/deploy.md).',
    })
    return secret
  }

  #makeKafka(
    { kafka, logs }: SizeProfile,
    { vpc, brokers }: NetworkStack,
    removalPolicy: RemovalPolicy,
  ): Kafka {
    return new KafkaCluster(this, 'kafka', {
      vpc,
      securityGroup: brokers,
      profile: kafka,
      logs,
      removalPolicy,
    }).kafka
  }

  #makePostgres(profile: SizeProfile, network: NetworkStack, isProtected: boolean): Postgres {
    return new PriceDatabase(this, 'database', {
      vpc: network.vpc,
      subnets: network.isolated,
      securityGroup: network.database,
      profile: profile.database,
      logs: profile.logs,
      mostConnections: profile.alarms.databaseConnections,
      leastMemory: profile.alarms.databaseMemory,
      removalPolicy: profile.protectData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      isProtected,
    }).postgres
  }

  #useKafka({ clusterArn, brokers, replicationFactor }: ExistingKafka, profile: SizeProfile): Kafka {
    const [, clusterName = ''] = clusterArn.split('/')
    const names = profile.kafka.topics.map(({ topic }) => topic.name).join(' or ')
    this.#warn(
      'existing-kafka',
      `Not verified at synth: that ${clusterArn} is provisioned, runs Kafka 3.6 or later with IAM authentication and ${brokers} standard brokers, lies in existingVpc, and has no topic named ${names} yet.`,
    )
    return new Kafka({
      clusterArn,
      clusterName,
      brokers,
      replicationFactor,
      brokerType: 'standard',
      // Their instance type is unknown: without credits, an alarm on them would never get data.
      burstable: false,
    })
  }

  #usePostgres(given: ExistingDatabase, { database, alarms }: SizeProfile): Postgres {
    this.#warn(
      'existing-database',
      `Not verified at synth: that ${given.instanceIdentifier} runs PostgreSQL 17 or later with IAM authentication and rds.force_ssl, lies in existingVpc, has a database ${given.databaseName} that ${given.user} owns, and that ${given.user} may create roles.`,
    )
    return new Postgres(this, {
      instance: { host: given.host, resourceId: given.resourceId },
      instanceIdentifier: given.instanceIdentifier,
      databaseName: given.databaseName,
      masterUser: given.user,
      masterSecret: Secret.fromSecretCompleteArn(this, 'database-secret', given.secretArn),
      masterSecretKeyArn: given.secretKeyArn,
      storage: database.storage.initial,
      mostConnections: alarms.databaseConnections,
      leastMemory: alarms.databaseMemory,
      // Its class is unknown: without credits, an alarm on them would never get data.
      burstable: false,
    })
  }

  #warn(part: string, text: string): void {
    Annotations.of(this).addWarningV2(`keeper:${part}`, text)
  }
}
