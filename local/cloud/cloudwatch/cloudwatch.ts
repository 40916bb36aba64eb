import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Kafka } from 'kafkajs'
import type { Clock } from '../clock.ts'
import { messageOf } from '../cloud-error.ts'
import type { MappingResource } from '../mapping/mapping-resource.ts'
import type { MappingMetric } from '../mapping/metrics.ts'
import type { Template } from '../template/template.ts'
import type { AlarmResource } from './alarm-resource.ts'
import { type AlarmChange, AlarmStates, type AlarmStatus } from './alarm-states.ts'
import type { CompositeAlarmResource } from './composite-alarm.ts'
import type { DashboardResource } from './dashboard-resource.ts'
import { embeddedMetrics } from './embedded-metrics.ts'
import { KafkaMetrics } from './kafka-metrics.ts'
import { type FunctionMetric, functionMeasurements } from './lambda-metrics.ts'
import { LogFollower } from './log-follower.ts'
import { mappingMeasurements, mappingMetricNames, ofMapping } from './mapping-metrics.ts'
import { type Measurement, MetricStore } from './metric-store.ts'
import { type NotEvaluated, notEvaluated } from './not-evaluated.ts'
import { type Publishers, publishersOf } from './published.ts'
import { messagesIn } from './queue-metrics.ts'
import { type SchedulerMetric, schedulerMeasurements } from './scheduler-metrics.ts'

export interface CloudWatchOptions {
  readonly template: Template
  readonly kafka: Kafka
  readonly logDirectory: string
  readonly destinationDirectory: string
  readonly events: CloudWatchEvents
  readonly clock: Clock
}

/** What CloudWatch tells its owner. */
export interface CloudWatchEvents {
  /** An alarm has come into another state. */
  alarm?(change: AlarmChange): void
  /** Alarms cannot be evaluated now; told once for the same reason. */
  alarmsFailed?(reason: string): void
}

const MINUTE_MS = 60_000

/** What a machine that slept missed is not known. */
const SLEPT_MS = 5 * MINUTE_MS

/** How long Kafka may take to answer before the minute goes on without it. */
const PATIENCE_MS = 10_000

/** CloudWatch takes no values of another time: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html */
const OLDEST_MS = 14 * 24 * 60 * MINUTE_MS
const NEWEST_MS = 120 * MINUTE_MS

/**
 * CloudWatch on this machine: the metrics that functions print and that AWS's services publish of what runs here, and
 * the template's alarms, evaluated at each full minute over what was before it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
 */
export class CloudWatch {
  readonly store = new MetricStore()
  readonly notEvaluated: readonly NotEvaluated[]
  readonly #options: CloudWatchOptions
  readonly #states: AlarmStates
  readonly #logs: readonly LogFollower[]
  readonly #publishers: Publishers
  readonly #kafka: KafkaMetrics
  /** OffsetLag and MaxOffsetLag of each mapping, until it tells others. */
  readonly #lags = new Map<MappingResource, Map<MappingMetric, number>>()
  readonly #startedMs: number
  #knownSinceMs: number
  #lastMs: number
  #work: Promise<void> = Promise.resolve()
  #failure: string | undefined
  #cancel: () => void = () => undefined
  readonly #stopping = new AbortController()

  constructor(options: CloudWatchOptions) {
    const { template, kafka, logDirectory, events, clock } = options
    const { alarms = [], compositeAlarms = [] } = template
    this.#options = options
    this.#startedMs = clock.nowMs()
    this.#knownSinceMs = this.#startedMs
    this.#lastMs = this.#knownSinceMs
    this.#publishers = publishersOf(template)
    this.notEvaluated = notEvaluated(alarms, compositeAlarms, this.#publishers)
    const left = new Set(this.notEvaluated.map(({ name }) => name))
    this.#states = new AlarmStates(
      [...alarms, ...compositeAlarms].filter(({ name }) => !left.has(name)),
      this.store,
      {
        logFile: this.alarmsLog,
        sinceMs: this.#knownSinceMs,
        changed: (change) => events.alarm?.(change),
      },
    )
    this.#kafka = new KafkaMetrics(kafka, template.mappings)
    this.#logs = template.functions.map(
      ({ name }) => new LogFollower(join(logDirectory, `${name}.log`), (line) => this.#printed(line)),
    )
  }

  get alarms(): readonly AlarmStatus[] {
    return this.#states.statuses
  }

  /** What decides the alarms, those that are not evaluated here included. */
  get alarmResources(): readonly (AlarmResource | CompositeAlarmResource)[] {
    const { alarms = [], compositeAlarms = [] } = this.#options.template
    return [...alarms, ...compositeAlarms]
  }

  /** Takes one event of EventBridge a line, for each change of an alarm's state. */
  get alarmsLog(): string {
    return join(this.#options.logDirectory, 'alarms.log')
  }

  /** When this began, in milliseconds since 1970. */
  get startedMs(): number {
    return this.#startedMs
  }

  get dashboards(): readonly DashboardResource[] {
    return this.#options.template.dashboards ?? []
  }

  get nowMs(): number {
    return this.#options.clock.nowMs()
  }

  /** Evaluates at each full minute from now on. */
  start(): void {
    if (this.#stopping.signal.aborted) return
    this.#cancel = this.#options.clock.after(MINUTE_MS - (this.nowMs % MINUTE_MS), () => {
      this.#minute()
      this.start()
    })
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    this.#cancel()
    await Promise.all([this.#kafka.close(), this.#work])
  }

  /** Resolves once what was due by now is evaluated. */
  evaluated(): Promise<void> {
    return this.#work
  }

  /** Takes in what functions have printed until now. */
  async readLogs(): Promise<void> {
    await Promise.all(this.#logs.map((log) => log.read()))
  }

  functionMeasured(functionName: string, metric: FunctionMetric, value: number, atMs: number): void {
    this.#put(functionMeasurements(functionName, metric, value, atMs))
  }

  mappingMeasured(mapping: MappingResource, metric: MappingMetric, value: number): void {
    if (metric !== 'OffsetLag' && metric !== 'MaxOffsetLag') {
      this.#put(mappingMeasurements(mapping, metric, value, this.nowMs))
      return
    }
    const levels = this.#lags.get(mapping) ?? new Map<MappingMetric, number>()
    this.#lags.set(mapping, levels.set(metric, value))
  }

  /** A mapping that is disabled has no levels. */
  mappingDisabled(mapping: MappingResource): void {
    this.#lags.delete(mapping)
  }

  schedulerMeasured(group: string, metric: SchedulerMetric): void {
    this.#put(schedulerMeasurements(group, metric, this.nowMs))
  }

  #minute(): void {
    const { nowMs } = this
    const endMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
    if (nowMs - this.#lastMs > SLEPT_MS) this.#knownSinceMs = nowMs
    this.#lastMs = nowMs
    const knownSinceMs = this.#knownSinceMs
    this.#work = this.#work
      .then(() => this.#evaluate(endMs, knownSinceMs))
      .catch((error: unknown) => {
        const reason = messageOf(error)
        if (reason !== this.#failure) this.#options.events.alarmsFailed?.(reason)
        this.#failure = reason
      })
  }

  async #evaluate(endMs: number, knownSinceMs: number): Promise<void> {
    const { signal } = this.#stopping
    if (signal.aborted) return
    this.#put(this.#levels(endMs - 1))
    const [, measured] = await Promise.all([this.readLogs(), this.#ofKafka(endMs - 1)])
    this.#put(measured)
    if (!signal.aborted) this.#states.evaluate(endMs, knownSinceMs)
    this.#failure = undefined
  }

  /** Without Kafka there is no data of it, which is what its alarms go by. */
  #ofKafka(atMs: number): Promise<readonly Measurement[]> {
    const { signal } = this.#stopping
    const patience = sleep(PATIENCE_MS, [], { ref: false, signal })
    return Promise.race([this.#kafka.measure(atMs), patience]).catch(() => [])
  }

  /** What is not counted as it happens, but is so or so much at a time. */
  #levels(atMs: number): readonly Measurement[] {
    const { functions } = this.#options.template
    const lags = [...this.#lags].flatMap(([mapping, levels]) => {
      const sum = levels.get('OffsetLag') ?? 0
      const target = functions.find(({ id }) => id === mapping.functionId)?.name ?? mapping.functionId
      const named = { SumOffsetLag: sum, MaxOffsetLag: levels.get('MaxOffsetLag') ?? sum }
      return [
        level('AWS/Lambda', 'OffsetLag', { FunctionName: target }, sum, atMs),
        ...Object.entries(named)
          .filter(([name]) => mappingMetricNames(mapping).includes(name))
          .map(([name, value]) => ofMapping(mapping, name, value, atMs)),
      ]
    })
    const queues = this.#publishers.queues.map((queue) =>
      level(
        'AWS/SQS',
        'ApproximateNumberOfMessagesVisible',
        { QueueName: queue },
        messagesIn(join(this.#options.destinationDirectory, queue)),
        atMs,
      ),
    )
    return [...lags, ...queues]
  }

  #printed(line: string): void {
    const { nowMs } = this
    this.#put(
      embeddedMetrics(line).filter(({ atMs }) => atMs > nowMs - OLDEST_MS && atMs < nowMs + NEWEST_MS),
    )
  }

  #put(measurements: readonly Measurement[]): void {
    for (const measurement of measurements) this.store.put(measurement)
  }
}

const level = (
  namespace: string,
  name: string,
  dimensions: Readonly<Record<string, string>>,
  value: number,
  atMs: number,
): Measurement => ({ namespace, name, dimensions, unit: 'Count', atMs, values: [value] })
