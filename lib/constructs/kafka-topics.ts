import { RemovalPolicy } from 'aws-cdk-lib'
import { CfnTopic } from 'aws-cdk-lib/aws-msk'
import { Construct } from 'constructs'
import type { Topic } from '../../lambdas/core/topics.ts'
import type { KafkaCluster } from './kafka-cluster.ts'

export interface KafkaTopicsProps {
  readonly cluster: KafkaCluster
  /** Each topic with its number of partitions. */
  readonly topics: readonly { readonly topic: Topic; readonly partitions: number }[]
}

/**
 * The cluster's topics. CloudFormation makes a topic anew, and empty, when its name, cluster or replication factor
 * changes, so the old one is always retained; an update may change partitions or configs, not both at once.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-msk-topic.html
 */
export class KafkaTopics extends Construct {
  constructor(scope: Construct, id: string, { cluster, topics }: KafkaTopicsProps) {
    super(scope, id)
    for (const { topic, partitions } of topics) {
      const resource = new CfnTopic(this, topic.name, {
        clusterArn: cluster.clusterArn,
        topicName: topic.name,
        partitionCount: partitions,
        replicationFactor: cluster.replicationFactor,
        configs: encodeTopicConfigs({ 'retention.ms': String(topic.retentionMs) }),
      })
      resource.applyRemovalPolicy(RemovalPolicy.RETAIN)
    }
  }
}

/** MSK takes a topic's configs as a JSON object of strings in Base64. */
export const encodeTopicConfigs = (configs: Readonly<Record<string, string>>): string =>
  Buffer.from(JSON.stringify(configs)).toString('base64')

/** The inverse of `encodeTopicConfigs`. */
export const decodeTopicConfigs = (encoded: string): Record<string, string> =>
  JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
