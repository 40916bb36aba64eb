import type { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import type { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import type { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import type { LambdaClient } from '@aws-sdk/client-lambda'
import type { SchedulerClient } from '@aws-sdk/client-scheduler'
import type { SESv2Client } from '@aws-sdk/client-sesv2'
import type { SQSClient } from '@aws-sdk/client-sqs'
import type { STSClient } from '@aws-sdk/client-sts'

/** Clients of AWS's own APIs. Each is loaded when it is first asked for, as loading one takes about 100 ms. */
export interface AwsClients {
  cloudFormation(): Promise<CloudFormationClient>
  cloudWatch(): Promise<CloudWatchClient>
  lambda(): Promise<LambdaClient>
  logs(): Promise<CloudWatchLogsClient>
  scheduler(): Promise<SchedulerClient>
  ses(): Promise<SESv2Client>
  sqs(): Promise<SQSClient>
  sts(): Promise<STSClient>
}

/**
 * @param endpoint the local AWS; without it, AWS with the caller's own credentials and region
 */
export function awsClients(endpoint?: string): AwsClients {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }
  const config = endpoint === undefined ? {} : { endpoint, region: 'us-east-1', credentials, maxAttempts: 1 }
  return {
    cloudFormation: once(
      async () => new (await import('@aws-sdk/client-cloudformation')).CloudFormationClient(config),
    ),
    cloudWatch: once(async () => new (await import('@aws-sdk/client-cloudwatch')).CloudWatchClient(config)),
    lambda: once(async () => new (await import('@aws-sdk/client-lambda')).LambdaClient(config)),
    logs: once(
      async () => new (await import('@aws-sdk/client-cloudwatch-logs')).CloudWatchLogsClient(config),
    ),
    scheduler: once(async () => new (await import('@aws-sdk/client-scheduler')).SchedulerClient(config)),
    ses: once(async () => new (await import('@aws-sdk/client-sesv2')).SESv2Client(config)),
    sqs: once(async () => new (await import('@aws-sdk/client-sqs')).SQSClient(config)),
    sts: once(async () => new (await import('@aws-sdk/client-sts')).STSClient(config)),
  }
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined
  return () => {
    made ??= make()
    return made
  }
}
