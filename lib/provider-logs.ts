import { CfnResource, CustomResourceProviderBase } from 'aws-cdk-lib'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { IConstruct } from 'constructs'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'

/**
 * Gives the functions of the CDK's own custom resources a log group that expires, and that is deleted with the stack if
 * the size says so. Otherwise Lambda creates a group that never expires; the CDK's CustomResourceConfig does not cover
 * these functions.
 */
export function expireProviderLogs(scope: IConstruct, logs: FunctionDefaults['logs']): void {
  for (const provider of scope.node.findAll()) {
    if (!(provider instanceof CustomResourceProviderBase)) continue
    const handler = provider.node.findChild('Handler')
    if (!(handler instanceof CfnResource)) continue
    const { logGroupName } = new LogGroup(provider, 'logs', logs)
    handler.addPropertyOverride('LoggingConfig', { LogGroup: logGroupName })
  }
}
