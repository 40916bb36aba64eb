import { Duration } from 'aws-cdk-lib'
import { ComparisonOperator, type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { AlarmSpec } from '../monitoring/monitored.ts'

export interface GroupMetricOptions {
  readonly topic: string
  readonly groupId: string
  readonly period: Duration
}

/** An alarm on the broker with the worst value. */
export interface WorstBrokerAlarm extends Omit<AlarmSpec, 'metric'> {
  /** Added up for each broker. */
  readonly metricNames: readonly string[]
  readonly statistic: 'Average' | 'Maximum' | 'Minimum'
  readonly period: Duration
}

/** The limit of metrics in an alarm's expression: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-limits.html */
const MOST_METRICS = 10

/** MSK's metrics of a cluster, its brokers and its consumer groups. */
export class KafkaMetrics {
  readonly #clusterName: string
  /** `1` and so on. */
  readonly #brokerIds: readonly string[]

  constructor({ clusterName, brokers }: { readonly clusterName: string; readonly brokers: number }) {
    this.#clusterName = clusterName
    this.#brokerIds = Array.from({ length: brokers }, (_, index) => String(index + 1))
  }

  ofCluster(metricName: string): Metric {
    return this.#metric(metricName, {})
  }

  ofGroup(metricName: string, { topic, groupId, period }: GroupMetricOptions): Metric {
    return this.#metric(metricName, { 'Consumer Group': groupId, Topic: topic }).with({ period })
  }

  ofBrokers(metricName: string): Metric[] {
    return this.#brokerIds.map((broker) => this.#ofBroker(metricName, broker))
  }

  /** One alarm, or as many as are needed for all brokers: `<id>`, `<id>-2` and so on. */
  alarmsOnWorstBroker({ metricNames, statistic, period, ...spec }: WorstBrokerAlarm): AlarmSpec[] {
    const worst = spec.comparison === ComparisonOperator.LESS_THAN_THRESHOLD ? 'MIN' : 'MAX'
    const most = Math.floor(MOST_METRICS / metricNames.length)
    return chunks(this.#brokerIds, most).map((brokers, index) => {
      const metric = new MathExpression({
        expression: `${worst}([${brokers.map((broker) => `b${broker}`).join(', ')}])`,
        usingMetrics: Object.fromEntries(
          brokers.map((broker) => [`b${broker}`, this.#sum(metricNames, broker, { statistic, period })]),
        ),
        period,
        label: metricNames.join(' + '),
      })
      return { ...spec, id: index === 0 ? spec.id : `${spec.id}-${index + 1}`, metric }
    })
  }

  #sum(
    metricNames: readonly string[],
    broker: string,
    options: { readonly statistic: string; readonly period: Duration },
  ): IMetric {
    const terms = metricNames.map((name) => this.#ofBroker(name, broker).with(options))
    const [only] = terms
    if (only && terms.length === 1) return only
    const variables = terms.map((term, index) => [`b${broker}m${index}`, term] as const)
    return new MathExpression({
      expression: variables.map(([variable]) => variable).join(' + '),
      usingMetrics: Object.fromEntries(variables),
      period: options.period,
    })
  }

  #ofBroker(metricName: string, broker: string): Metric {
    return this.#metric(metricName, { 'Broker ID': broker }).with({ label: `broker ${broker} ${metricName}` })
  }

  #metric(metricName: string, dimensions: Readonly<Record<string, string>>): Metric {
    return new Metric({
      namespace: 'AWS/Kafka',
      metricName,
      dimensionsMap: { 'Cluster Name': this.#clusterName, ...dimensions },
      statistic: 'Maximum',
      period: Duration.minutes(5),
    })
  }
}

const chunks = <T>(all: readonly T[], most: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / most) }, (_, index) =>
    all.slice(index * most, (index + 1) * most),
  )
