import { Aws, Fn, type Stack } from 'aws-cdk-lib'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import type { FunctionDefaults } from '../functions/keeper-function.ts'

/** The logs that RDS exports to CloudWatch: the server's log, with slow statements, and the upgrade log. */
export const DATABASE_LOGS = ['postgresql', 'upgrade']

/**
 * A name for which the log groups can be created before the instance exists. It contains the stack's id, so that a stage
 * that is deployed again after its deletion does not collide with the retained groups.
 */
export const instanceIdentifierIn = ({ stackName }: Stack): string =>
  Fn.join('-', [stackName, Fn.select(0, Fn.split('-', Fn.select(2, Fn.split('/', Aws.STACK_ID))))])

/**
 * The log groups that RDS writes to. RDS would create them itself, without an expiry:
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
