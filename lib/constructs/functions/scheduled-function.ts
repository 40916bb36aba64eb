import { Duration, type Size, Stack, Validations } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations'
import {
  ContextAttribute,
  Schedule,
  type ScheduleExpression,
  ScheduleTargetInput,
} from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke, type ScheduleTargetBaseProps } from 'aws-cdk-lib/aws-scheduler-targets'
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'
import { failedRunsAlarm, noRunsAlarm } from './schedule-alarms.ts'

const HOUR = Duration.hours(1)

export interface ScheduledFunctionProps {
  readonly defaults: FunctionDefaults
  /** The folder below lambdas/ whose handler.ts exports `handler`. */
  readonly source: string
  readonly description: string
  readonly schedule: ScheduleExpression
  /** The longest time between two runs of the schedule, at least a minute. */
  readonly interval: Duration
  readonly environment?: Readonly<Record<string, string>>
  /** At most 15 minutes, Lambda's limit. */
  readonly timeout: Duration
  readonly memory: Size
  readonly network: FunctionNetwork
}

/** A function that runs on a schedule, and the queue of its failed runs. */
export class ScheduledFunction extends Construct implements Monitored {
  readonly title: string
  readonly function: KeeperFunction
  /** Runs that never started, from the scheduler, and runs that failed for good, from Lambda. */
  readonly failedRuns: Queue
  /** By the name that people use: `price-check`, and `price-check-resume` for its second schedule. */
  readonly schedules = new Map<string, Schedule>()
  /** The role that the scheduler starts the function with. */
  readonly schedulerRole: Role

  readonly #interval: Duration
  readonly #target: ScheduleTargetBaseProps

  constructor(scope: Construct, id: string, props: ScheduledFunctionProps) {
    super(scope, id)
    const { schedule, interval, description } = props
    this.title = id
    this.#interval = interval
    this.function = new KeeperFunction(this, id, props)
    this.failedRuns = new Queue(this, 'failed-runs', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
    })
    // A run that has not started by then is useless: the next one is due.
    const maxEventAge = interval.toSeconds() < HOUR.toSeconds() ? interval : HOUR

    // The scheduler invokes asynchronously and is done once Lambda accepts the call, so Lambda reports failed runs:
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
    this.function.configureAsyncInvoke({
      // The next run does what this one left undone; a retry would spend Keepa's tokens twice.
      retryAttempts: 0,
      maxEventAge,
      onFailure: new SqsDestination(this.failedRuns),
    })

    Validations.of(this.failedRuns).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is the dead-letter queue itself, of the schedule and of the function.',
    })

    this.schedulerRole = this.#schedulerRole()
    this.#target = {
      role: this.schedulerRole.withoutPolicyUpdates(),
      // These are retries of handing the call to Lambda, before any run has begun.
      retryAttempts: 3,
      maxEventAge,
      deadLetterQueue: this.failedRuns,
    }
    this.startOn('schedule', schedule, description, { scheduledTime: ContextAttribute.scheduledTime })
  }

  /** Starts the function on a schedule, with `input` as its event. `id` ends with `schedule`. */
  protected startOn(
    id: string,
    schedule: ScheduleExpression,
    description: string,
    input: Readonly<Record<string, unknown>>,
  ): void {
    const target = new LambdaInvoke(this.function, {
      ...this.#target,
      input: ScheduleTargetInput.fromObject(input),
    })
    const name = [this.title, ...id.split('-').slice(0, -1)].join('-')
    this.schedules.set(name, new Schedule(this, id, { schedule, description, target }))
  }

  /** May start this function but not its versions; the CDK's own role may start any version. */
  #schedulerRole(): Role {
    const role = new Role(this, 'schedule-role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    })
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [this.function.functionArn] }),
    )
    this.failedRuns.grantSendMessages(role)
    return role
  }

  alarms(): AlarmSpec[] {
    return [
      noRunsAlarm(this.function, this.#interval),
      failedRunsAlarm(this.function, this.failedRuns),
      ...this.function.runAlarms(),
    ]
  }

  widgets(): IWidget[][] {
    return [[this.failedRunsWidget()], this.function.runWidgets()]
  }

  overview(): OverviewMetrics {
    return { lost: [this.failedRunsWaiting()], cost: [this.function.gigabyteSeconds()] }
  }

  protected failedRunsWidget(): IWidget {
    return new GraphWidget({ title: 'Failed runs in the queue', width: 12, left: [this.failedRunsWaiting()] })
  }

  protected failedRunsWaiting(): Metric {
    return this.failedRuns.metricApproximateNumberOfMessagesVisible({
      statistic: 'Maximum',
      label: `${this.title} failed runs`,
    })
  }
}
