import type { RemovalPolicy } from 'aws-cdk-lib'
import { CfnTopic } from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { SizedTopic } from '../../config.ts'
import type { Kafka } from './kafka.ts'

export interface KafkaTopicsProps {
  readonly kafka: Kafka
  readonly topics: readonly SizedTopic[]
  readonly removalPolicy: RemovalPolicy
}

/**
 * The cluster's topics. CloudFormation replaces a topic with an empty one if its name, cluster or replication factor
 * changes. For a recorded stage lib/stage-rules.ts refuses that, and changes of partitions and configs at once.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-topic.html
 */
export class KafkaTopics extends Construct {
  constructor(scope: Construct, id: string, { kafka, topics, removalPolicy }: KafkaTopicsProps) {
    super(scope, id)
    for (const { topic, partitions } of topics) {
      const resource = new CfnTopic(this, topic.name, {
        clusterArn: kafka.clusterArn,
        topicName: topic.name,
        partitionCount: partitions,
        replicationFactor: kafka.replicationFactor,
        configs: encodeTopicConfigs({ 'retention.ms': String(topic.retentionMs) }),
      })
      resource.applyRemovalPolicy(removalPolicy)
    }
  }
}

/** Encodes a topic's configs as MSK expects them: a JSON object of strings, in Base64. */
export const encodeTopicConfigs = (configs: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify(configs)).toString('base64')

/** The inverse of `encodeTopicConfigs`. */
export const decodeTopicConfigs = (encoded: string): Record<string, string> =>
  JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
