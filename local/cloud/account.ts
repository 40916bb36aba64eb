import { createHash } from 'node:crypto'

/** The account and the region that everything here lies in: an account of its own that is nobody's. */
export const ACCOUNT = '000000000000'
export const REGION = 'us-east-1'

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`

export const functionArn = (name: string): string => arn('lambda', `function:${name}`)

/** What stands in an event for the cluster that only AWS has. */
export const CLUSTER_ARN = arn('kafka', 'cluster/local/00000000-0000-0000-0000-000000000000-1')

export const topicArn = (name: string): string =>
  arn('kafka', `topic/local/00000000-0000-0000-0000-000000000000/${name}`)

export const alarmArn = (name: string): string => arn('cloudwatch', `alarm:${name}`)

export const scheduleArn = (name: string, group = 'default'): string =>
  arn('scheduler', `schedule/${group}/${name}`)

/** A dashboard is of no region. */
export const dashboardArn = (name: string): string => `arn:aws:cloudwatch::${ACCOUNT}:dashboard/${name}`

/** A mapping's UUID, which follows from its stack and logical name (`shop/Orders`): clients take no shorter one. */
export function mappingUuid(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex')
  return digest.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/, '$1-$2-8$3-8$4-$5')
}
