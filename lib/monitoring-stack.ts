import {
  CfnOutput,
  CrossStackReferences,
  Duration,
  ReferenceStrength,
  Stack,
  type StackProps,
} from 'aws-cdk-lib'
import {
  Alarm,
  AlarmStatusWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  type IMetric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import type { AlarmSpec, Monitored } from './constructs/monitoring/monitored.ts'
import { ALARMS_A_WIDGET } from './limits.ts'

export interface MonitoringStackProps extends StackProps {
  /** All monitored parts, in the order of the flow. */
  readonly monitored: readonly Monitored[]
  /** Where docs/runbook.md can be read. */
  readonly runbookUrl: string
  /** The e-mail address that receives alarms. */
  readonly alarmEmail?: string
}

/** The dashboards, from the schedules to the tables, and the alarms; each part defines its own. */
export class MonitoringStack extends Stack {
  readonly #runbookUrl: string

  constructor(
    scope: Construct,
    id: string,
    { monitored, runbookUrl, alarmEmail, ...props }: MonitoringStackProps,
  ) {
    super(scope, id, props)
    this.#runbookUrl = runbookUrl
    // Weak references, because a dashboard must never prevent a function's removal: docs/decisions/cdk-cross-stack-references.md
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK)

    const topic = this.#alarmTopic()
    if (alarmEmail) topic.addSubscription(new EmailSubscription(alarmEmail))
    const action = new SnsAction(topic)

    const alarms = monitored.flatMap((part) => part.alarms()).map((spec) => this.#alarm(spec))
    for (const alarm of alarms) {
      alarm.addAlarmAction(action)
      alarm.addOkAction(action)
    }

    const overview = this.#overview(monitored, alarms)
    this.#named('overview', overview)
    for (const part of monitored) {
      const dashboard = this.#dashboard(part.title)
      this.#named(part.title, dashboard)
      for (const row of part.widgets()) dashboard.addWidgets(...row)
    }

    new CfnOutput(this, 'DashboardName', { value: overview.dashboardName })
    new CfnOutput(this, 'AlarmTopic', { value: topic.topicArn })
  }

  /**
   * `enforceSSL` adds a policy that replaces the topic's default one, which lets the account's alarms publish:
   * https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
   */
  #alarmTopic(): Topic {
    const topic = new Topic(this, 'alarms', { displayName: 'Keeper alarms', enforceSSL: true })
    topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'AllowAlarmsToPublish',
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    )
    return topic
  }

  #alarm({ id, runbook, sentence, metric, threshold, comparison, periods = 1, missing }: AlarmSpec): Alarm {
    return new Alarm(this, id, {
      alarmDescription: `${sentence} ${this.#runbookUrl}#${runbook}`,
      metric,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    })
  }

  /** The state of every alarm, and below it one row for each of three questions. */
  #overview(monitored: readonly Monitored[], alarms: readonly Alarm[]): Dashboard {
    const parts = monitored.map((part) => part.overview())
    const row = (title: string, metrics: readonly IMetric[]) =>
      new GraphWidget({ title, width: 24, height: 7, left: [...metrics] })
    const dashboard = this.#dashboard('overview')
    for (let from = 0; from < alarms.length; from += ALARMS_A_WIDGET) {
      const shown = alarms.slice(from, from + ALARMS_A_WIDGET)
      dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', width: 24, height: 5, alarms: shown }))
    }
    dashboard.addWidgets(
      row(
        'Are prices fresh? Events sent, rows stored, age of records in seconds',
        parts.flatMap(({ fresh = [] }) => fresh),
      ),
    )
    dashboard.addWidgets(
      row(
        'Is anything lost? Every line is at 0 on a good day',
        parts.flatMap(({ lost = [] }) => lost),
      ),
    )
    dashboard.addWidgets(
      row(
        'What does it cost me? Function GB-seconds, Keepa tokens left, bytes into Kafka, database writes',
        parts.flatMap(({ cost = [] }) => cost),
      ),
    )
    dashboard.addWidgets(
      new TextWidget({ width: 24, height: 2, markdown: `What to do about an alarm: ${this.#runbookUrl}` }),
    )
    return dashboard
  }

  /** What CloudFormation calls a dashboard, for the console to find it by the name that people use. */
  #named(title: string, { dashboardName: value }: Dashboard): void {
    new CfnOutput(this, `${title}-dashboard-name`, { value, description: title }).overrideLogicalId(
      `${title.replaceAll('-', '')}dashboard`,
    )
  }

  #dashboard(id: string): Dashboard {
    return new Dashboard(this, `${id}-dashboard`, { defaultInterval: Duration.days(1) })
  }
}
