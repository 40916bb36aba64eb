import { describe, expect, test } from '@jest/globals'
import { Validations } from 'aws-cdk-lib'
import { AwsSolutionsChecks } from 'cdk-nag'
import type { IConstruct } from 'constructs'
import { existingContext } from './existing-parts.ts'
import { build } from './synthesized.ts'

const variants: [string, Record<string, unknown>][] = [
  ['dev', { size: 'dev' }],
  ['small', { size: 'small' }],
  ['large', { size: 'large' }],
  ['search', { size: 'small', search: 'on' }],
  ['public links', { size: 'small', publicLinks: 'on' }],
  ['existing parts', { size: 'small', ...existingContext }],
]

/** `rule at construct`, one a finding that nobody has acknowledged. */
function findings(context: Record<string, unknown>): string[] {
  const { violations } = new AwsSolutionsChecks().validateScope(build(context).network.node.root)
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath, resourceLogicalId }) => {
      return `${ruleName} at ${constructPath ?? resourceLogicalId}`
    }),
  )
}

/** `[rule, reason]`, one an acknowledgement. */
const acknowledgements = (root: IConstruct): [string, string][] =>
  root.node
    .findAll()
    .flatMap(({ node }) => node.metadata)
    .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
    .flatMap(({ data }) => Object.entries<string>(data))
    // The CDK acknowledges rules of CloudFormation for its own flow logs.
    .filter(([id]) => !id.startsWith('CloudFormation-Validate'))

describe('the AwsSolutions pack of cdk-nag', () => {
  test.each(variants)('finds nothing that was not acknowledged: %s', (_, context) => {
    expect(findings(context)).toEqual([])
  })

  test('is told why of whatever it is to leave alone', () => {
    const acknowledged = acknowledgements(build().network.node.root)
    // The cluster's ARN is known to a deployment only.
    const ids = acknowledged.map(([id]) =>
      id
        .replaceAll(/\{"Fn::Select":.*?\]\}\]\}\]\}/g, '<cluster>')
        .replaceAll('<AWS::Region>:<AWS::AccountId>', '<place>'),
    )
    expect([...new Set(ids)].sort()).toEqual([
      'Annotation::AwsSolutions-IAM5[Resource::*]',
      'Annotation::AwsSolutions-IAM5[Resource::<cluster>:group/<cluster>/*]',
      'Annotation::AwsSolutions-IAM5[Resource::<cluster>:group/<cluster>/keeper-read-*]',
      'Annotation::AwsSolutions-IAM5[Resource::<cluster>:topic/<cluster>/*]',
      ...[
        'cloudformation:<place>:stack/keeper-dev-monitoring/*',
        'cloudformation:<place>:stack/keeper-dev-notification/*',
        'cloudformation:<place>:stack/keeper-dev-operations/*',
        'cloudformation:<place>:stack/keeper-dev-pipeline/*',
        'cloudwatch::<AWS::AccountId>:dashboard/*',
        'cloudwatch:<place>:alarm:*',
        'cloudwatch:<place>:alarm:keeper-dev-monitoring-*',
        'lambda:<place>:event-source-mapping:*',
        'logs:<place>:log-group:keeper-dev-notification-*',
        'logs:<place>:log-group:keeper-dev-operations-*',
        'logs:<place>:log-group:keeper-dev-pipeline-*',
        'ses:<place>:identity/*',
      ].map((resource) => `Annotation::AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:${resource}]`),
      'Annotation::AwsSolutions-RDS10',
      'Annotation::AwsSolutions-RDS11',
      'Annotation::AwsSolutions-RDS3',
      'Annotation::AwsSolutions-SMG4',
      'Annotation::AwsSolutions-SQS3',
    ])
    for (const [, reason] of acknowledged) expect(reason).toMatch(/^.{40,}\.$/)
  })
})
