import { CfnResource, CustomResourceProviderBase } from 'aws-cdk-lib'
import { LogGroup } from 'aws-cdk-lib/aws-logs'
import type { IConstruct } from 'constructs'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'

/**
 * Gives the functions that the CDK brings for its own custom resources a log group that forgets, and that goes with
 * the stack where the size says so. Without one Lambda makes a group that keeps everything, for ever; the CDK's
 * CustomResourceConfig leaves out the functions of this kind.
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
