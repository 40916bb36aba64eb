import { Duration } from 'aws-cdk-lib'

/**
 * The limits of AWS and of docs/events.md, in one place for profiles (profile-rules.ts), templates (pipeline-rules.ts)
 * and constructs.
 */

/** https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const LAMBDA_TIMEOUT = Duration.minutes(15)

/** Event source mappings of Kafka: https://docs.aws.amazon.com/lambda/latest/dg/msk-esm-parameters.html */
export const KAFKA_MAPPING = {
  /** The longest timeout of the function that it invokes. */
  timeout: Duration.minutes(14),
  batchSize: 10_000,
  batchingWindow: Duration.seconds(300),
  /** The largest minimum of pollers in provisioned mode. */
  minimumPollers: 200,
} as const

/** Alarms in one widget of a dashboard: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export const ALARMS_A_WIDGET = 100

/** MSK needs subnets in two or three zones: https://docs.aws.amazon.com/msk/latest/developerguide/msk-create-cluster.html */
export const KAFKA_ZONES = [2, 3]

/** A DB subnet group covers two zones, with or without a standby: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html */
export const DATABASE_ZONES = 2

/** How far back every topic can be replayed at least: seven days (docs/events.md). */
export const REPLAY = Duration.hours(168)
