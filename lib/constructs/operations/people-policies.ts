import { ArnFormat, CrossStackReferences, ReferenceStrength, Stack, Validations } from 'aws-cdk-lib'
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IFunction } from 'aws-cdk-lib/aws-lambda'
import { Construct, type IConstruct } from 'constructs'
import type { ScheduledFunction } from '../functions/scheduled-function.ts'
import { shownByNag } from '../shown-by-nag.ts'

export interface PeoplePoliciesProps {
  readonly stage: string
  /** Runs operations that only read. */
  readonly reader: IFunction
  /** Runs operations that change things. */
  readonly operator: IFunction
  /** Functions that a schedule starts, and that people may start too. */
  readonly producers: readonly ScheduledFunction[]
  readonly consumers: readonly IFunction[]
  /** What SES has to have verified for mail to leave, if any leaves. */
  readonly mailIdentity?: string
  /** Functions with no schedule and no topic, whose logs are read. */
  readonly others: readonly IFunction[]
  /** Stacks without outputs that people read, whose functions' logs they do. */
  readonly logsOf: readonly string[]
}

/** Those with functions. */
const STACKS = ['operations', 'pipeline', 'notification']

/**
 * What people are granted: `keeper-<stage>-read` has what the commands that read ask of AWS, `keeper-<stage>-operate` has
 * what the others ask besides: whoever operates is granted both, as one policy takes 6,144 characters. cli/permissions.ts is the same list by command; a test compares the two. Consumers are
 * in neither: invoking one by hand would forge prices.
 */
export class PeoplePolicies extends Construct {
  readonly #props: PeoplePoliciesProps

  constructor(scope: Construct, id: string, props: PeoplePoliciesProps) {
    super(scope, id)
    this.#props = props
    // A policy must never prevent a function's removal: docs/decisions/cdk-cross-stack-references.md
    for (const part of this.#parts()) CrossStackReferences.of(part).produce(ReferenceStrength.WEAK)
    this.#policy('read', 'Reads everything of Keeper, and changes nothing', this.#reads())
    this.#policy(
      'operate',
      'Runs the producers of Keeper and changes what people operate, beside the policy that reads',
      this.#operates(),
    )
  }

  #policy(access: 'read' | 'operate', description: string, statements: PolicyStatement[]): void {
    const managedPolicyName = `keeper-${this.#props.stage}-${access}`
    const policy = new ManagedPolicy(this, access, { managedPolicyName, description, statements })
    for (const arn of [...this.#wildcards(), '*']) {
      Validations.of(policy).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${shownByNag(Stack.of(this).resolve(arn))}]`,
        reason:
          'Names that CloudFormation makes up begin with the stack’s, and those of dashboards with nothing known; mappings are limited by a condition, and listing them takes no resource in IAM.',
      })
    }
  }

  #reads(): PolicyStatement[] {
    const { reader, operator, producers, consumers, others } = this.#props
    const functions = [reader, operator, ...producers.map((each) => each.function), ...consumers, ...others]
    return [
      allow(['cloudformation:DescribeStacks'], this.#stacks()),
      allow(['lambda:InvokeFunction'], [reader.functionArn]),
      allow(
        ['lambda:GetFunctionConfiguration'],
        functions.map((each) => each.functionArn),
      ),
      allow(['lambda:ListEventSourceMappings'], ['*']),
      allow(['scheduler:GetSchedule'], this.#schedules()),
      allow(['logs:FilterLogEvents'], this.#logGroups()),
      // Alarms are listed by a prefix, which IAM does not see.
      allow(['cloudwatch:DescribeAlarms'], [this.#alarms('*')]),
      allow(['cloudwatch:DescribeAlarmHistory'], [this.#alarms(`${this.#stack('monitoring')}-*`)]),
      // Metrics have no resources in IAM.
      allow(['cloudwatch:ListMetrics', 'cloudwatch:GetMetricData'], ['*']),
      allow(['cloudwatch:GetDashboard'], [this.#dashboards()]),
      ...this.#mail(),
      allow(['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage'], this.#failedRuns()),
    ]
  }

  #operates(): PolicyStatement[] {
    const { operator, producers, consumers } = this.#props
    return [
      allow(
        ['lambda:InvokeFunction'],
        [operator.functionArn, ...producers.map((each) => each.function.functionArn)],
      ),
      new PolicyStatement({
        actions: ['lambda:GetEventSourceMapping', 'lambda:UpdateEventSourceMapping'],
        resources: [this.#mappings()],
        conditions: { ArnEquals: { 'lambda:FunctionArn': consumers.map((each) => each.functionArn) } },
      }),
      allow(['scheduler:UpdateSchedule'], this.#schedules()),
      // An update names the schedule's role again: https://docs.aws.amazon.com/scheduler/latest/UserGuide/security-iam-passrole.html
      new PolicyStatement({
        actions: ['iam:PassRole'],
        resources: producers.map(({ schedulerRole }) => schedulerRole.roleArn),
        conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
      }),
      allow(['sqs:DeleteMessage'], this.#failedRuns()),
    ]
  }

  /** Whether mail can leave. The account takes no resource in IAM. */
  #mail(): PolicyStatement[] {
    const { mailIdentity } = this.#props
    if (mailIdentity === undefined) return []
    const identity = this.#arn('ses', 'identity', mailIdentity, ArnFormat.SLASH_RESOURCE_NAME)
    return [allow(['ses:GetAccount'], ['*']), allow(['ses:GetEmailIdentity'], [identity])]
  }

  /** Everything of another stack that the policies name. */
  #parts(): IConstruct[] {
    const { producers, consumers, others } = this.#props
    return [
      ...[...consumers, ...others],
      ...producers.flatMap(({ function: handler, failedRuns, schedulerRole, schedules }) => [
        ...[handler, failedRuns, schedulerRole, ...schedules.values()],
      ]),
    ]
  }

  #wildcards(): string[] {
    return [
      ...[...this.#stacks(), ...this.#logGroups(), this.#mappings()],
      ...[this.#alarms('*'), this.#alarms(`${this.#stack('monitoring')}-*`), this.#dashboards()],
    ]
  }

  #stack(part: string): string {
    return `keeper-${this.#props.stage}-${part}`
  }

  /** Stacks whose outputs say what the functions, schedules, queues and dashboards are called. */
  #stacks(): string[] {
    return [...STACKS, 'monitoring'].map((part) =>
      this.#arn('cloudformation', 'stack', `${this.#stack(part)}/*`, ArnFormat.SLASH_RESOURCE_NAME),
    )
  }

  #logGroups(): string[] {
    return [...STACKS, ...this.#props.logsOf].map((part) =>
      this.#arn('logs', 'log-group', `${this.#stack(part)}-*`),
    )
  }

  #alarms(name: string): string {
    return this.#arn('cloudwatch', 'alarm', name)
  }

  /** Their names are CloudFormation's, and belong to no region. */
  #dashboards(): string {
    return Stack.of(this).formatArn({
      ...{ service: 'cloudwatch', region: '', resource: 'dashboard', resourceName: '*' },
    })
  }

  #mappings(): string {
    return this.#arn('lambda', 'event-source-mapping', '*')
  }

  #schedules(): string[] {
    return this.#props.producers.flatMap(({ schedules }) =>
      [...schedules.values()].map(({ scheduleArn }) => scheduleArn),
    )
  }

  #failedRuns(): string[] {
    return this.#props.producers.map(({ failedRuns }) => failedRuns.queueArn)
  }

  #arn(service: string, resource: string, resourceName: string, arnFormat = ArnFormat.COLON_RESOURCE_NAME) {
    return Stack.of(this).formatArn({ service, resource, resourceName, arnFormat })
  }
}

const allow = (actions: string[], resources: string[]): PolicyStatement =>
  new PolicyStatement({ actions, resources })
