import { GetBootstrapBrokersCommand, type KafkaClient } from '@aws-sdk/client-kafka'
import { KeeperError } from '../core/errors.ts'

/** The attributes of the custom resource. */
export interface BootstrapServers {
  /** `host:port` of the IAM listener, separated by commas. */
  readonly BootstrapServers: string
}

/**
 * The cluster's bootstrap brokers for IAM-authenticated clients. MSK returns them in any order; they are sorted, so that
 * a deployment without changes leaves the functions' environment unchanged.
 * @throws KeeperError `bootstrap_brokers_missing` if the cluster has no IAM listener
 */
export async function readBootstrapServers(
  clusterArn: string,
  { client }: { client: KafkaClient },
): Promise<BootstrapServers> {
  const { BootstrapBrokerStringSaslIam: brokers } = await client.send(
    new GetBootstrapBrokersCommand({ ClusterArn: clusterArn }),
  )
  if (!brokers) {
    throw new KeeperError(
      'bootstrap_brokers_missing',
      `The cluster ${clusterArn} has no brokers for IAM authentication: turn it on in lib/constructs/kafka/kafka-cluster.ts.`,
    )
  }
  return { BootstrapServers: brokers.split(',').sort().join(',') }
}
