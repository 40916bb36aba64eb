import { Aws, Fn, type Stack } from 'aws-cdk-lib'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { FunctionDefaults } from '../functions/keeper-function.ts'

/** What RDS writes to CloudWatch: the server's own log, slow statements among it, and what upgrades did. */
export const DATABASE_LOGS = ['postgresql', 'upgrade']

/**
 * A name that the log groups can be made for before there is an instance. The stack's own id is in it, so that a stage
 * which is deployed again after it was deleted does not meet the groups that were kept.
 */
export const instanceIdentifierIn = ({ stackName }: Stack): string =>
  Fn.join('-', [stackName, Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))))])

/**
 * The groups that RDS writes to; it would make them itself, and they would keep everything for ever:
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Procedural.UploadtoCloudWatch.html
 */
export const databaseLogGroups = (
  scope: Construct,
  instanceIdentifier: string,
  logs: FunctionDefaults['logs'],
): LogGroup[] =>
  DATABASE_LOGS.map(
    (log) =>
      new LogGroup(scope, `${log}-logs`, {
        logGroupName: Fn.join('/', ['/aws/rds/instance', instanceIdentifier, log]),
        ...logs,
      }),
  )
