import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { Kafka } from 'kafkajs'
import { REGION, scheduleArn } from './account.ts'
import { createAwsApi } from './aws-api.ts'
import { type Clock, systemClock } from './clock.ts'
import { CloudError } from './cloud-error.ts'
import { createCloudFormationApi } from './cloudformation/cloudformation-api.ts'
import { CloudWatch, type CloudWatchEvents } from './cloudwatch/cloudwatch.ts'
import { createCloudWatchApis } from './cloudwatch/cloudwatch-api.ts'
import { createEventBus } from './events/event-bus.ts'
import { createTopics } from './kafka/topics.ts'
import { LocalFunction } from './lambda/function.ts'
import type { FunctionResource } from './lambda/function-resource.ts'
import { type FunctionUrl, openFunctionUrl } from './lambda/function-url.ts'
import { createLambdaApi } from './lambda/lambda-api.ts'
import { SwitchedMapping } from './lambda/switched-mapping.ts'
import { createLogsApi } from './logs/logs-api.ts'
import type { MappingEvents } from './mapping/event-source-mapping.ts'
import type { ScheduleResource } from './scheduler/schedule-resource.ts'
import { LocalScheduler, type SchedulerOptions } from './scheduler/scheduler.ts'
import { createSchedulerApi } from './scheduler/scheduler-api.ts'
import { Schedules } from './scheduler/schedules.ts'
import { createSesApi } from './ses/ses-api.ts'
import { createSqsApi } from './sqs/sqs-api.ts'
import { createStsApi } from './sts/sts-api.ts'
import type { Template } from './template/template.ts'

/** What stands around the template's parts here. */
export interface CloudOptions {
  readonly template: Template
  readonly bootstrapServers: string
  /** A function's variables here, after those of the template. */
  readonly variables: (template: Readonly<Record<string, string | undefined>>) => Record<string, string>
  readonly logDirectory: string
  /** Takes what on-failure destinations other than Kafka would; without it, `destinations` beside the logs. */
  readonly destinationDirectory?: string
  /** Takes the mails that SES would send; without it, `mail` beside the logs. */
  readonly mailDirectory?: string
  readonly events: CloudEvents
  /** How long a function's process is kept without an invocation; five minutes unless given. */
  readonly idleMs?: number | undefined
  /** What retries and ages go by; without it, the machine's own time. */
  readonly clock?: Clock
}

/** What the cloud tells its owner while it runs. */
export interface CloudEvents extends MappingEvents, CloudWatchEvents {
  /** A schedule's run of a function is over; `error` says what is wrong, where something is. */
  scheduled(functionName: string, error: string | undefined): void
  /** A mail lies in the mail folder. */
  mailed?(mail: { readonly to: readonly string[]; readonly subject: string }): void
  /** The template sets something that has no effect here, named by type and property; told once, at the start. */
  notEmulated?(setting: string): void
  /** The template asks for what AWS's pages exclude, and it is done here, in a sentence; told once, at the start. */
  undocumented?(sentence: string): void
}

/** The template's functions, mappings and schedules on this machine, and the AWS APIs that read and change them. */
export class LocalCloud {
  readonly functions: readonly LocalFunction[]
  readonly mappings: readonly SwitchedMapping[]
  readonly cloudWatch: CloudWatch
  readonly #options: CloudOptions
  readonly #clock: Clock
  readonly #destinationDirectory: string
  readonly #startedMs: number
  readonly #kafka: Kafka
  readonly #schedules: Schedules
  /** By a schedule's ARN: the run under way, and its invocations that have not ended. */
  readonly #running = new Map<string, { executionId: string; invocations: Set<symbol> }>()
  #scheduler: LocalScheduler | undefined
  #api: Server | undefined
  readonly #urls: FunctionUrl[] = []

  constructor(options: CloudOptions) {
    const { template, bootstrapServers, variables, logDirectory, events, clock = systemClock } = options
    const { destinationDirectory = join(dirname(logDirectory), 'destinations') } = options
    this.#options = options
    this.#clock = clock
    this.#destinationDirectory = destinationDirectory
    this.#startedMs = clock.nowMs()
    this.#kafka = new Kafka({
      clientId: 'local-cloud',
      brokers: bootstrapServers.split(','),
      connectionTimeout: 3_000,
      retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5 },
      // What goes wrong reaches the owner through the events.
      logCreator: () => () => undefined,
    })
    const cloudWatch = new CloudWatch({
      ...{ template, logDirectory, destinationDirectory, events, clock },
      kafka: this.#kafka,
    })
    this.cloudWatch = cloudWatch
    this.functions = template.functions.map(
      (resource) =>
        new LocalFunction(resource, {
          variables: { ...runtimeVariables(resource), ...variables(resource.environment) },
          logDirectory,
          destinationDirectory,
          idleMs: options.idleMs,
          clock,
          endpoint: () => (this.#api?.listening ? urlOf(this.#api) : undefined),
          measured: (metric, value, atMs) => cloudWatch.functionMeasured(resource.name, metric, value, atMs),
        }),
    )
    const mappingEvents: MappingEvents = {
      ...events,
      measured: (mapping, metric, value) => {
        cloudWatch.mappingMeasured(mapping, metric, value)
        events.measured?.(mapping, metric, value)
      },
    }
    this.mappings = template.mappings.map(
      (resource) =>
        new SwitchedMapping(
          resource,
          {
            kafka: this.#kafka,
            bootstrapServers,
            target: this.#function(resource.functionId),
            events: mappingEvents,
            destinationDirectory,
            clock,
          },
          () => cloudWatch.mappingDisabled(resource),
        ),
    )
    this.#schedules = new Schedules(template.schedules, clock, (before, after) =>
      this.#scheduler?.replace(before, after),
    )
  }

  /** Makes the topics and invokes the functions that a deployment invokes (the migrator). */
  async deploy(): Promise<void> {
    const admin = this.#kafka.admin()
    await admin.connect()
    await createTopics(admin, this.#options.template.topics).finally(() => admin.disconnect())
    for (const id of this.#options.template.triggers) {
      const target = this.#function(id)
      const outcome = await target.invoke('{}')
      if (!outcome.ok) {
        throw new CloudError('deploy_failed', `${target.resource.name}: ${outcome.error.errorMessage}`)
      }
    }
  }

  /** Begins to read topics, and to evaluate alarms. */
  startMappings(): void {
    const { template, events } = this.#options
    for (const setting of template.notEmulated ?? []) events.notEmulated?.(setting)
    for (const sentence of template.undocumented ?? []) events.undocumented?.(sentence)
    for (const mapping of this.mappings) mapping.start()
    this.cloudWatch.start()
  }

  /**
   * Fires every schedule once, then at its own times, or every `everyMs` milliseconds where that gives any; `twice` delivers
   * each run twice.
   */
  startSchedules(everyMs?: SchedulerOptions['everyMs'], twice = false): void {
    this.#scheduler = new LocalScheduler({
      everyMs,
      twice,
      clock: this.#clock,
      destinationDirectory: this.#destinationDirectory,
      measured: ({ group = 'default' }, metric) => this.cloudWatch.schedulerMeasured(group, metric),
      fire: (schedule, input, executionId) => this.#fire(schedule, input, executionId),
    })
    this.#scheduler.start(this.#schedules.records.map(({ schedule }) => schedule))
  }

  /** Opens the AWS APIs on this machine only, and gives their address. */
  async openApi(port: number): Promise<string> {
    const { functions, mappings, cloudWatch } = this
    const { template, logDirectory, mailDirectory = join(dirname(logDirectory), 'mail') } = this.#options
    const tell = createEventBus(template.rules ?? [], (id, payload) =>
      functions.find(({ resource }) => resource.id === id)?.send(payload),
    )
    const api: Server = createAwsApi({
      lambda: [createLambdaApi(functions, mappings)],
      scheduler: [createSchedulerApi(this.#schedules, template.functions)],
      monitoring: createCloudWatchApis(cloudWatch),
      logs: [createLogsApi(template.functions, logDirectory)],
      cloudformation: [createCloudFormationApi(template.stacks ?? [], this.#startedMs)],
      sqs: [
        createSqsApi(template.queues ?? [], {
          destinationDirectory: this.#destinationDirectory,
          clock: this.#clock,
          url: () => urlOf(api),
        }),
      ],
      sts: [createStsApi()],
      ses: [
        createSesApi(template.mail ?? { identities: [], configurationSets: [] }, {
          ...{ mailDirectory, tell, stored: this.#options.events.mailed },
          clock: this.#clock,
        }),
      ],
    })
    this.#api = api
    await new Promise<void>((resolve, reject) => {
      api.once('error', reject).listen(port, '127.0.0.1', resolve)
    })
    return urlOf(api)
  }

  /** Opens the functions' addresses on this machine only; the first takes `port`, the others any. */
  async openUrls(port: number): Promise<readonly FunctionUrl[]> {
    for (const [index, { functionId }] of (this.#options.template.urls ?? []).entries()) {
      this.#urls.push(await openFunctionUrl(this.#function(functionId), index === 0 ? port : 0))
    }
    return this.#urls
  }

  /** Stops in the order of the flow: no new runs, no new batches; those under way may end within `graceMs`. */
  async stop(graceMs = 5_000): Promise<void> {
    this.#scheduler?.stop()
    this.#api?.close()
    this.#api?.closeAllConnections()
    for (const url of this.#urls) url.close()
    const watched = this.cloudWatch.stop()
    const stopped = Promise.all(this.mappings.map((mapping) => mapping.stop()))
    const grace = new Promise((resolve) => setTimeout(resolve, graceMs).unref())
    await Promise.race([stopped, grace])
    await Promise.all(this.functions.map((target) => target.stop()))
    await Promise.all([stopped, watched])
  }

  /** A run that outlasts the period is not joined by another: with `--every` they would only pile up. */
  #fire(schedule: ScheduleResource, input: string, executionId: string): void {
    const arn = scheduleArn(schedule.name, schedule.group)
    const underWay = this.#running.get(arn)
    if (underWay && underWay.executionId !== executionId) return
    const run = underWay ?? { executionId, invocations: new Set() }
    const invocation = Symbol(executionId)
    run.invocations.add(invocation)
    this.#running.set(arn, run)
    const target = this.#function(schedule.functionId)
    target.send(input, undefined, (outcome) => {
      run.invocations.delete(invocation)
      if (run.invocations.size === 0 && this.#running.get(arn) === run) this.#running.delete(arn)
      const error = outcome.ok ? undefined : outcome.error.errorMessage
      this.#options.events.scheduled(target.resource.name, error)
    })
  }

  #function(id: string): LocalFunction {
    const found = this.functions.find(({ resource }) => resource.id === id)
    if (found) return found
    throw new CloudError(
      'template_unreadable',
      `The template names the function ${id}, and has no such function.`,
    )
  }
}

const urlOf = (api: Server): string => `http://127.0.0.1:${(api.address() as AddressInfo).port}`

/** What Lambda itself sets, and nothing of this machine's own environment. */
const runtimeVariables = ({ name, memoryMb }: FunctionResource): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  TZ: 'UTC',
  LANG: 'en_US.UTF-8',
  AWS_REGION: REGION,
  AWS_LAMBDA_FUNCTION_NAME: name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
})
