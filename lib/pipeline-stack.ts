import { Duration, Stack, type StackProps, TimeZone } from 'aws-cdk-lib'
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler'
import type { Construct } from 'constructs'
import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { PRICE_CHECK_HOURS } from '../lambdas/core/price-check-interval.ts'
import { REPORT_TIME_ZONE } from '../lambdas/core/report-time-zone.ts'
import * as TOPICS from '../lambdas/core/topics.ts'
import type { SizeProfile } from './config.ts'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { type HistoryMonths, keptMonths, Maintenance } from './constructs/functions/maintenance.ts'
import { PriceHistoryConsumer } from './constructs/functions/price-history-consumer.ts'
import { ScheduledProducer } from './constructs/functions/scheduled-producer.ts'
import type { Monitored } from './constructs/monitoring/monitored.ts'
import { Migrations } from './constructs/postgres/migrations.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'
import { namePart, nameSchedules } from './part-names.ts'

export interface PipelineStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
  readonly data: DataStack
  readonly defaults: FunctionDefaults
  /** Marketplaces whose deals are collected. */
  readonly dealDomains: readonly string[]
  /** Whether Keepa is asked for the buy box. */
  readonly buyBox: 'on' | 'off'
  /** How long messages with their deliveries, and rejected records, are kept. */
  readonly keepDays: { readonly messages: number; readonly rejected: number }
  /** How many years of a product's past are imported. */
  readonly historyYears: number
  /** How many months of the history are kept, and keep every price. */
  readonly historyMonths: HistoryMonths
}

/** The flow of events: schedules start producers, producers send to topics, topics invoke consumers. */
export class PipelineStack extends Stack {
  readonly producers: readonly ScheduledProducer[]
  readonly consumers: readonly PriceHistoryConsumer[]
  readonly maintenance: Maintenance
  readonly migrations: Migrations

  constructor(
    scope: Construct,
    id: string,
    {
      profile,
      network,
      data,
      defaults,
      dealDomains,
      buyBox,
      historyYears,
      historyMonths,
      keepDays,
      ...props
    }: PipelineStackProps,
  ) {
    super(scope, id, props)
    const { kafka, postgres, keepaApiKey } = data

    const migrations = new Migrations(this, 'migrator', {
      defaults,
      postgres,
      network: network.functions('migrator', {
        description: 'The function that applies migrations',
        reaches: ['internet', 'postgres'],
      }),
    })

    const keepa = { apiKey: keepaApiKey, fewTokens: profile.alarms.keepaTokens }
    const producing = {
      defaults,
      kafka,
      postgres,
      bootstrapServers: data.bootstrapBrokers.servers,
      network: network.functions('producers', {
        description: 'Functions that send to Kafka',
        reaches: ['internet', 'kafka', 'postgres'],
      }),
      ...profile.producers,
    }
    const priceCheck = new ScheduledProducer(this, 'price-check', {
      ...producing,
      description: 'Sends the price of every watched product',
      schedule: ScheduleExpression.rate(Duration.hours(PRICE_CHECK_HOURS)),
      interval: Duration.hours(PRICE_CHECK_HOURS),
      resumeInterval: Duration.minutes(10),
      sendsEveryRun: true,
      topic: TOPICS.prices,
      keepa,
      environment: { [ENVIRONMENT.keepaBuyBox]: buyBox },
    })
    const historyImport = new ScheduledProducer(this, 'history-import', {
      ...producing,
      description: 'Sends the past prices of products that are new',
      schedule: ScheduleExpression.rate(Duration.minutes(5)),
      interval: Duration.minutes(5),
      sendsEveryRun: false,
      topic: TOPICS.prices,
      keepa,
      environment: {
        [ENVIRONMENT.keepaBuyBox]: buyBox,
        [ENVIRONMENT.historyYears]: String(historyYears),
        ...keptMonths(historyMonths),
      },
    })
    const dealCollector = new ScheduledProducer(this, 'deal-collector', {
      ...producing,
      description: 'Sends the deals that Keepa has found',
      schedule: ScheduleExpression.rate(Duration.hours(1)),
      interval: Duration.hours(1),
      sendsEveryRun: false,
      mostSilence: Duration.hours(24),
      topic: TOPICS.deals,
      keepa,
      environment: { [ENVIRONMENT.dealDomains]: dealDomains.join(',') },
    })
    const dailyDealReport = new ScheduledProducer(this, 'daily-deal-report', {
      ...producing,
      description: "Reports the last day's deals that pass a user's filters",
      schedule: ScheduleExpression.cron({ minute: '0', hour: '8', timeZone: TimeZone.of(REPORT_TIME_ZONE) }),
      // The day on which summer time ends has 25 hours.
      interval: Duration.hours(25),
      sendsEveryRun: false,
      topic: TOPICS.deals,
    })

    const consuming = {
      defaults,
      kafka,
      postgres,
      profiles: profile.consumers,
      mostLag: profile.alarms.consumerLag,
      environment: keptMonths(historyMonths),
      network: network.functions('consumers', {
        description: 'Functions that store what they are given',
        reaches: ['postgres'],
      }),
    }
    const priceConsumer = new PriceHistoryConsumer(this, 'price-consumer', {
      ...consuming,
      description: 'Stores prices and raises alerts',
      topic: TOPICS.prices,
    })
    const dealConsumer = new PriceHistoryConsumer(this, 'deal-consumer', {
      ...consuming,
      description: 'Stores deals and their prices',
      topic: TOPICS.deals,
    })

    const maintenance = new Maintenance(this, 'maintenance', {
      defaults,
      kafka,
      postgres,
      bootstrapServers: data.bootstrapBrokers.servers,
      network: network.functions('maintenance', {
        description: 'The function that removes what is old, and keeps the history in months',
        reaches: ['kafka', 'postgres'],
      }),
      keepDays,
      historyMonths,
    })

    this.producers = [priceCheck, historyImport, dealCollector, dailyDealReport]
    this.consumers = [priceConsumer, dealConsumer]
    this.maintenance = maintenance
    this.migrations = migrations
    migrations.runBefore(...this.producers, ...this.consumers, maintenance)

    for (const { node, function: handler } of [
      ...this.producers,
      ...this.consumers,
      maintenance,
      migrations,
    ]) {
      namePart(this, node.id, 'function', handler.functionName)
    }
    for (const scheduled of [...this.producers, maintenance]) nameSchedules(this, scheduled)
  }

  /** The monitored parts of this stack, in the order of the flow. */
  monitored(): Monitored[] {
    return [...this.producers, ...this.consumers, this.maintenance]
  }
}
