import type { Duration } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, type Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { Topic } from '../../../lambdas/core/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { AlarmSpec, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { producerAlarms } from './producer-alarms.ts'
import { ScheduledFunction, type ScheduledFunctionProps } from './scheduled-function.ts'

export interface ScheduledProducerProps extends Omit<ScheduledFunctionProps, 'source'> {
  /**
   * How often an incomplete pass, one that ran out of tokens or time, is resumed. Keepa's tokens expire after an hour, so
   * a pass that waited for the next scheduled run would lose most of them. After a complete pass such a run costs nothing.
   */
  readonly resumeInterval?: Duration
  /** Whether every run sends events. If so, a long time without an event is an alarm; if not, one without a run. */
  readonly sendsEveryRun: boolean
  /** How long runs that may send nothing may all do so, in whole hours; default: for ever. */
  readonly mostSilence?: Duration
  readonly kafka: Kafka
  /** The one topic that it may send to. */
  readonly topic: Topic
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string
  readonly postgres: Postgres
  /** For a producer that asks Keepa: the API key, and the number of tokens left below which an alarm goes off. */
  readonly keepa?: { readonly apiKey: ISecret; readonly fewTokens: number }
}

/** A function that sends events to a topic on a schedule: lambdas/producers/<id>. */
export class ScheduledProducer extends ScheduledFunction {
  readonly #props: ScheduledProducerProps

  constructor(scope: Construct, id: string, props: ScheduledProducerProps) {
    const { kafka, topic, bootstrapServers, postgres, keepa, resumeInterval, description } = props
    super(scope, id, {
      ...props,
      source: `producers/${id}`,
      environment: {
        ...props.environment,
        [ENVIRONMENT.bootstrapServers]: bootstrapServers,
        [ENVIRONMENT.kafkaAuthentication]: 'iam',
        [topic.setting]: topic.name,
        ...(keepa && { [ENVIRONMENT.keepaApiKeySecretArn]: keepa.apiKey.secretArn }),
      },
    })
    this.#props = props
    kafka.grantProduce(this.function, topic)
    postgres.connect(this.function)
    keepa?.apiKey.grantRead(this.function)
    if (resumeInterval) {
      const purpose = `${description}: resumes a pass that is incomplete`
      this.startOn('resume-schedule', ScheduleExpression.rate(resumeInterval), purpose, { resume: true })
    }
  }

  override alarms(): AlarmSpec[] {
    return producerAlarms({ ...this.#props, function: this.function, failedRuns: this.failedRuns })
  }

  override widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    const sent = graph(
      'Events sent, and not',
      this.function.countOf('eventsSent'),
      this.function.countOf('eventsNotSent'),
      this.function.countOf('productsNotChecked'),
    )
    const keepa = [
      graph('Keepa tokens left', this.function.countOf('keepaTokensLeft', { statistic: 'Minimum' })),
      graph('Keepa refusals', this.function.countOf('keepaRefusals')),
    ]
    return [
      [sent, this.failedRunsWidget()],
      ...(this.#props.keepa ? [keepa] : []),
      this.function.runWidgets(),
    ]
  }

  override overview(): OverviewMetrics {
    const { keepa } = this.#props
    return {
      fresh: [this.function.countOf('eventsSent')],
      lost: [this.function.countOf('eventsNotSent'), this.failedRunsWaiting()],
      cost: [
        this.function.gigabyteSeconds(),
        ...(keepa ? [this.function.countOf('keepaTokensLeft', { statistic: 'Minimum' })] : []),
      ],
    }
  }
}
