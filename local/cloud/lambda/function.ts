import { randomUUID } from 'node:crypto'
import { dirname, join } from 'node:path'
import { functionArn } from '../account.ts'
import { type Clock, systemClock } from '../clock.ts'
import type { FunctionMetrics } from '../cloudwatch/lambda-metrics.ts'
import { AsyncQueue, type Attempted } from './async-invoke.ts'
import { ExecutionEnvironment, type Outcome } from './execution-environment.ts'
import type { FunctionResource } from './function-resource.ts'
import { LambdaLog, type Report } from './lambda-log.ts'

/** How long an execution environment is kept after its last invocation; Lambda's own time is not documented. */
const IDLE_MS = 5 * 60_000

/** Where a function runs here: its variables with the local differences, and the folder of its log. */
export interface FunctionOptions {
  readonly variables: Readonly<Record<string, string>>
  readonly logDirectory: string
  /** The folder of the destinations of asynchronous events; `destinations` beside the logs unless given. */
  readonly destinationDirectory?: string
  /** How long a process is kept without an invocation; five minutes unless given. */
  readonly idleMs?: number | undefined
  /** Turns the waits of asynchronous events. */
  readonly clock?: Clock
  /** Gives the address of the AWS APIs here, once they are open. */
  readonly endpoint?: () => string | undefined
  readonly measured?: FunctionMetrics
}

/**
 * A Lambda function on this machine: its bundle in processes of its own, with the template's environment, memory and
 * timeout. As many invocations run at once as are asked for, up to the reserved concurrency, each in an execution
 * environment of its own; one that is free is used again.
 */
export class LocalFunction {
  readonly resource: FunctionResource
  readonly #variables: Readonly<Record<string, string>>
  readonly #log: LambdaLog
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #endpoint: () => string | undefined
  readonly #measured: FunctionMetrics
  /** When invocations under way began, by their requests. */
  readonly #begun = new Map<string, number>()
  readonly #free: { environment: ExecutionEnvironment; idle: NodeJS.Timeout }[] = []
  readonly #all = new Set<ExecutionEnvironment>()
  readonly #queue: AsyncQueue
  #running = 0
  #stopped = false

  constructor(resource: FunctionResource, options: FunctionOptions) {
    const { variables, logDirectory, clock = systemClock, endpoint, measured = () => undefined } = options
    this.resource = resource
    this.#variables = variables
    this.#clock = clock
    this.#idleMs = options.idleMs ?? IDLE_MS
    this.#endpoint = endpoint ?? (() => undefined)
    this.#measured = measured
    this.#log = new LambdaLog(join(logDirectory, `${resource.name}.log`), (report) => this.#reported(report))
    this.#queue = new AsyncQueue({
      functionArn: functionArn(resource.name),
      settings: resource.asynchronous ?? {},
      invoke: (payload, requestId) => this.invoke(payload, requestId),
      directory: options.destinationDirectory ?? join(dirname(logDirectory), 'destinations'),
      clock,
      measured,
    })
  }

  /** Invokes the function and waits for its answer. Payload (text or UTF-8) and client context are JSON. */
  async invoke(
    payload: string | Buffer,
    requestId: string = randomUUID(),
    clientContext?: string,
  ): Promise<Outcome> {
    if (this.#stopped) return stoppedOutcome
    const { reservedConcurrency, timeoutSeconds } = this.resource
    const atMs = this.#clock.nowMs()
    if (reservedConcurrency !== undefined && this.#running >= reservedConcurrency) {
      this.#measured('Throttles', 1, atMs)
      return { ...throttledOutcome, throttled: reservedConcurrency === 0 ? 'for good' : 'for now' }
    }
    this.#running += 1
    this.#measured('ConcurrentExecutions', this.#running, atMs)
    this.#begun.set(requestId, atMs)
    try {
      const environment = this.#take()
      const timeoutMs = timeoutSeconds * 1000
      const outcome = await environment.invoke({ requestId, payload, clientContext, timeoutMs })
      this.#giveBack(environment)
      return outcome
    } finally {
      this.#begun.delete(requestId)
      this.#running -= 1
    }
  }

  /** Invokes the function, and gives the end of what was logged meanwhile besides its answer. */
  async invokeWithTail(
    payload: string,
    requestId: string,
    clientContext?: string,
  ): Promise<{ readonly outcome: Outcome; readonly tail: Buffer }> {
    const start = this.#log.end()
    const outcome = await this.invoke(payload, requestId, clientContext)
    return { outcome, tail: this.#stopped ? Buffer.alloc(0) : this.#log.tail(start, requestId) }
  }

  /** Takes an event for later, as Lambda's invocation type Event; `attempted` is told of each attempt. */
  send(payload: string, requestId: string = randomUUID(), attempted?: Attempted): void {
    this.#queue.send(payload, requestId, attempted)
  }

  /** Ends all processes; invocations under way fail. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    this.#queue.stop()
    for (const { idle } of this.#free) clearTimeout(idle)
    const ended = [...this.#all].map((environment) => environment.end())
    this.#all.clear()
    await Promise.all(ended)
    this.#log.close()
  }

  /** Metrics of an invocation have the time of its beginning: CloudWatch shows when it was invoked. */
  #reported({ requestId, status, durationMs }: Report): void {
    const atMs = this.#begun.get(requestId) ?? this.#clock.nowMs()
    this.#measured('Invocations', 1, atMs)
    this.#measured('Errors', status === 'success' ? 0 : 1, atMs)
    this.#measured('Duration', durationMs, atMs)
  }

  #take(): ExecutionEnvironment {
    for (let free = this.#free.pop(); free; free = this.#free.pop()) {
      clearTimeout(free.idle)
      if (free.environment.alive) return free.environment
      this.#all.delete(free.environment)
    }
    const { name, codeDirectory, handler, memoryMb } = this.resource
    const environment = new ExecutionEnvironment({
      functionName: name,
      codeDirectory,
      handler,
      memoryMb,
      variables: { ...signedIn(this.#endpoint()), ...this.#variables },
      log: this.#log,
    })
    this.#all.add(environment)
    return environment
  }

  #giveBack(environment: ExecutionEnvironment): void {
    if (!environment.alive || this.#stopped) {
      this.#all.delete(environment)
      return
    }
    const idle = setTimeout(() => {
      void environment.end()
      this.#all.delete(environment)
    }, this.#idleMs)
    idle.unref()
    this.#free.push({ environment, idle })
  }
}

/**
 * Lambda gives a function its role's credentials. Here they are nobody's, and SDKs find the AWS APIs of this machine.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
const signedIn = (endpoint: string | undefined): Record<string, string> =>
  endpoint === undefined
    ? {}
    : { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }

/** https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html */
const throttledOutcome = {
  ok: false,
  error: { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.', trace: [] },
} as const

const stoppedOutcome: Outcome = {
  ok: false,
  error: {
    errorType: 'ResourceNotReadyException',
    errorMessage: 'The function is being stopped.',
    trace: [],
  },
}
