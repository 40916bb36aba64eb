import { Validations } from 'aws-cdk-lib'
import { Effect, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'

/**
 * Actions that Lambda itself performs for a function inside a VPC, with the function's role. Their resources are not
 * known beforehand: https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
 */
const NETWORK_INTERFACE_ACTIONS = [
  'ec2:CreateNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:DeleteNetworkInterface',
  'ec2:AssignPrivateIpAddresses',
  'ec2:UnassignPrivateIpAddresses',
  // Needed only by event source mappings for MSK: https://docs.aws.amazon.com/lambda/latest/dg/msk-permissions.html
  'ec2:DescribeVpcs',
  'ec2:DescribeSecurityGroups',
]

export interface ExecutionRoleProps {
  readonly logGroup: ILogGroup
  readonly insideVpc: boolean
}

/**
 * A function's role without AWS's managed policies, which may write to every log group of the account: this one may
 * write to its own log group and send traces. Everything else is granted by the construct that owns the resource.
 */
export function executionRole(scope: Construct, id: string, props: ExecutionRoleProps): Role {
  const role = new Role(scope, id, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') })
  props.logGroup.grantWrite(role)
  if (props.insideVpc) {
    role.addToPolicy(new PolicyStatement({ actions: NETWORK_INTERFACE_ACTIONS, resources: ['*'] }))
    // The condition key is present in calls of the function's code, not in Lambda's own: the code is denied all of them.
    // https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
    role.addToPolicy(
      new PolicyStatement({
        effect: Effect.DENY,
        actions: NETWORK_INTERFACE_ACTIONS,
        resources: ['*'],
        conditions: { Null: { 'lambda:SourceFunctionArn': 'false' } },
      }),
    )
  }
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'X-Ray segments, bootstrap brokers, the SES account and the network interfaces of a function in a VPC take no resource in IAM; the function’s own code is denied the interfaces.',
  })
  return role
}
