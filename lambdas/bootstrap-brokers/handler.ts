import { KafkaClient } from '@aws-sdk/client-kafka'
import { type BootstrapServers, readBootstrapServers } from './bootstrap-servers.ts'

/** The request of the CDK's provider framework: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.custom_resources-readme.html */
interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete'
  readonly ResourceProperties: { readonly ClusterArn: string }
}

interface CustomResourceResponse {
  readonly PhysicalResourceId: string
  readonly Data?: BootstrapServers
}

let client: KafkaClient | undefined

/** Returns the cluster's bootstrap brokers to CloudFormation. Nothing is created, so a deletion does nothing. */
export async function handler(event: CustomResourceEvent): Promise<CustomResourceResponse> {
  const { ClusterArn } = event.ResourceProperties
  if (event.RequestType === 'Delete') return { PhysicalResourceId: ClusterArn }
  client ??= new KafkaClient()
  return { PhysicalResourceId: ClusterArn, Data: await readBootstrapServers(ClusterArn, { client }) }
}
