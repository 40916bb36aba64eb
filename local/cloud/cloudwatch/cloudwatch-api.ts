import type { AwsService } from '../protocols/api.ts'
import { cborService } from '../protocols/cbor.ts'
import { jsonService } from '../protocols/json.ts'
import { alarmOperations } from './alarm-operations.ts'
import type { CloudWatch } from './cloudwatch.ts'
import { dashboardOperations } from './dashboard-operations.ts'
import { metricOperations } from './metric-operations.ts'

const SERVICE = 'GraniteServiceVersion20100801'

const QUERY_NAMES = {
  ValidationException: 'ValidationError',
  InvalidParameterValueException: 'InvalidParameterValue',
  DashboardNotFoundError: 'ResourceNotFound',
}

/** CloudWatch's API, in the protocol of SDK v3 and in that of boto3 and the AWS CLI; it reads alone. */
export function createCloudWatchApis(cloudWatch: CloudWatch): readonly AwsService[] {
  const operations = {
    ...alarmOperations(cloudWatch),
    ...metricOperations(cloudWatch),
    ...dashboardOperations(cloudWatch),
  }
  return [jsonService('1.0', SERVICE, operations, QUERY_NAMES), cborService(SERVICE, operations, QUERY_NAMES)]
}
