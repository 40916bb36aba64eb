import { Duration } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, MathExpression, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { NotifierProfile } from '../../config.ts'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import type { FunctionDefaults, FunctionNetwork } from './keeper-function.ts'
import { ScheduledFunction } from './scheduled-function.ts'

export interface NotifierProps {
  readonly defaults: FunctionDefaults
  readonly profile: NotifierProfile
  readonly postgres: Postgres
  readonly network: FunctionNetwork
}

const MINUTE = Duration.minutes(1)

/** The longest that a message which could be sent may wait. */
const LATE = Duration.minutes(15)

/** Tells people, each minute: lambdas/notifier. It may be invoked at any time besides. */
export class Notifier extends ScheduledFunction {
  constructor(scope: Construct, id: string, { profile, postgres, ...props }: NotifierProps) {
    super(scope, id, {
      ...props,
      source: 'notifier',
      description: 'Tells people about their alerts',
      schedule: ScheduleExpression.rate(MINUTE),
      interval: MINUTE,
      // A run begins nothing new after 55 s (lambdas/notifier/handler.ts); what is in flight then ends within seconds.
      timeout: Duration.seconds(90),
      memory: profile.memory,
      environment: {
        [ENVIRONMENT.collectSeconds]: String(profile.collectingWindow.toSeconds()),
        [ENVIRONMENT.messagesPerUser]: String(profile.messagesPerUser),
        [ENVIRONMENT.alertsPerWatch]: String(profile.alertsPerWatch),
        [ENVIRONMENT.sendsPerSecond]: String(profile.sendsPerSecond),
        [ENVIRONMENT.channelAddresses]: 'public',
        [ENVIRONMENT.databaseInstance]: postgres.instanceId,
      },
    })
    postgres.connect(this.function)
  }

  override alarms(): AlarmSpec[] {
    const { name } = this.function
    return [
      ...super.alarms(),
      {
        id: `${name}-deliveries-failing`,
        runbook: 'deliveries-failing',
        sentence: `For 15 minutes more of ${name}'s attempts to deliver failed than succeeded.`,
        metric: new MathExpression({
          expression: 'failed - sent',
          usingMetrics: {
            failed: this.function.countOf('deliveriesFailed'),
            sent: this.function.countOf('deliveriesSent'),
          },
          label: `${name} failed more than sent`,
          period: Duration.minutes(5),
        }),
        threshold: 0,
        periods: 3,
        // Without a run nothing is delivered, which is another alarm.
        missing: TreatMissingData.NOT_BREACHING,
      },
      {
        id: `${name}-stopped`,
        runbook: 'sending-stopped',
        sentence: `${name} cannot send to anyone: the account, the sender or sending itself is refused.`,
        metric: this.function.countOf('sendingStopped'),
        threshold: 0,
        // As above.
        missing: TreatMissingData.NOT_BREACHING,
      },
      {
        id: `${name}-late`,
        runbook: 'messages-late',
        sentence: `A message that could be sent has waited for more than ${LATE.toMinutes()} minutes.`,
        metric: this.function.countOf('oldestDue', { statistic: 'Maximum' }),
        threshold: LATE.toSeconds(),
        // The last run's value holds until the next run.
        missing: TreatMissingData.IGNORE,
      },
    ]
  }

  override widgets(): IWidget[][] {
    const graph = (title: string, ...names: Parameters<typeof this.function.countOf>[0][]) =>
      new GraphWidget({ title, width: 12, left: names.map((name) => this.function.countOf(name)) })
    return [
      [
        graph('Alerts into messages, and not told', 'alertsGathered', 'alertsSuperseded'),
        graph('Deliveries', 'deliveriesSent', 'deliveriesFailed', 'messagesFailed', 'sendingStopped'),
      ],
      [
        new GraphWidget({
          title: 'Oldest message that could be sent, seconds',
          width: 12,
          left: [this.function.countOf('oldestDue', { statistic: 'Maximum' })],
        }),
        this.failedRunsWidget(),
      ],
      this.function.runWidgets(),
    ]
  }

  override overview(): OverviewMetrics {
    return {
      lost: [this.function.countOf('messagesFailed'), this.failedRunsWaiting()],
      cost: [this.function.gigabyteSeconds()],
    }
  }
}
