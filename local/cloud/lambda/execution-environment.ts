import { type ChildProcess, fork } from 'node:child_process'
import { performance } from 'node:perf_hooks'
import { messageOf } from '../cloud-error.ts'
import type { LambdaLog, Report } from './lambda-log.ts'
import { heapArguments, watchMemory } from './memory.ts'
import { PayloadFile } from './payload-file.ts'
import type { ErrorPayload, InitMessage, RuntimeMessage } from './runtime/protocol.ts'
import { runtimeProgram } from './runtime-program.ts'

/** How long loading a handler may take, as on Lambda. */
const INIT_TIMEOUT_MS = 10_000

/** What an invocation came to: a JSON payload, or an error. */
export type Outcome =
  | { readonly ok: true; readonly payload: string }
  | {
      readonly ok: false
      readonly error: ErrorPayload
      /** It did not reach the function: too many ran, or none may run at all. */
      readonly throttled?: 'for now' | 'for good'
    }

/** What an environment is invoked with. */
export interface Invocation {
  readonly requestId: string
  /** JSON, as text or in UTF-8. */
  readonly payload: string | Buffer
  /** What the invoker says of itself, as JSON. */
  readonly clientContext: string | undefined
  readonly timeoutMs: number
}

/** What a new process is given. */
export interface EnvironmentSettings extends Omit<InitMessage, 'kind'> {
  /** The process's whole environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Takes what the function writes to standard output and error, and what Lambda says of it. */
  readonly log: LambdaLog
}

/** One execution environment: a process that handles one invocation at a time, and is reused while it lives. */
export class ExecutionEnvironment {
  readonly #settings: EnvironmentSettings
  readonly #child: ChildProcess
  readonly #payloads = new PayloadFile()
  readonly #ready: Promise<ErrorPayload | undefined>
  readonly #ended: Promise<void>
  #settle: ((outcome: Outcome) => void) | undefined
  #alive = true
  /** Of the last invocation. */
  #requestId: string | undefined
  /** Undefined while it starts, and once it was reported. */
  #initDurationMs: number | undefined
  #maxMemoryMb: number | undefined
  #outOfMemory = false
  /** How the process ended. */
  #how = ''

  constructor(settings: EnvironmentSettings) {
    const { variables, log, ...init } = settings
    this.#settings = settings
    log.initStart(init.functionName)
    const startedAt = performance.now()
    this.#child = fork(runtimeProgram(), {
      cwd: init.codeDirectory,
      env: variables,
      execArgv: [...heapArguments(init.memoryMb)],
      serialization: 'advanced',
      // The last is PAYLOAD_DESCRIPTOR.
      stdio: ['ignore', log.descriptor, log.descriptor, 'ipc', this.#payloads.descriptor],
    })
    const ready = Promise.withResolvers<ErrorPayload | undefined>()
    const ended = Promise.withResolvers<void>()
    this.#ready = ready.promise
    this.#ended = ended.promise
    const late = setTimeout(() => {
      ready.resolve({ errorType: 'Sandbox.Timedout', errorMessage: 'Init timed out after 10 s', trace: [] })
      void this.end()
    }, INIT_TIMEOUT_MS)
    const over = (how: string) => {
      clearTimeout(late)
      this.#alive = false
      this.#how = how
      this.#payloads.close()
      ready.resolve(this.#endError())
      this.#finish({ ok: false, error: this.#endError() })
      ended.resolve()
    }
    this.#child.on('message', (message: RuntimeMessage) => {
      clearTimeout(late)
      if (message.kind === 'ready' || message.kind === 'init-error') {
        this.#initDurationMs = performance.now() - startedAt
      }
      if (message.kind === 'ready') ready.resolve(undefined)
      else if (message.kind === 'init-error') ready.resolve(message.error)
      else this.#answered(message)
    })
    this.#child.once('exit', (code, signal) =>
      over(signal ? `signal: ${SIGNALS[signal] ?? signal}` : `exit status ${code}`),
    )
    this.#child.on('error', (error) => over(messageOf(error)))
    this.#child.send({ kind: 'init', ...init }, () => undefined)
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Runs one invocation; where it takes longer than its timeout, the process is ended with it. */
  async invoke(invocation: Invocation): Promise<Outcome> {
    const { requestId } = invocation
    this.#requestId = requestId
    const { log, memoryMb } = this.#settings
    const { pid = 0 } = this.#child
    const watch = watchMemory(pid, memoryMb, () => this.#exceeded())
    const initError = await this.#ready
    log.start(requestId)
    const startedAt = performance.now()
    const outcome = initError ? ({ ok: false, error: initError } as const) : await this.#run(invocation)
    watch.stop()
    if (initError) void this.end()
    log.report({
      requestId,
      ...statusOf(outcome),
      durationMs: performance.now() - startedAt,
      memorySizeMb: memoryMb,
      maxMemoryUsedMb: this.#outOfMemory ? memoryMb : this.#maxMemoryMb,
      initDurationMs: this.#initDurationMs,
    })
    this.#initDurationMs = undefined
    return outcome
  }

  #run({ requestId, payload, clientContext, timeoutMs }: Invocation): Promise<Outcome> {
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    this.#settle = resolve
    const late = setTimeout(() => {
      const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
      this.#finish({ ok: false, error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } })
      void this.end()
    }, timeoutMs)
    try {
      const deadlineMs = Date.now() + timeoutMs
      const passed = this.#payloads.pass(payload)
      this.#child.send({ kind: 'invoke', requestId, deadlineMs, payload: passed, clientContext }, (error) => {
        // The process is gone, and its end says how.
        if (error) void this.end().then(() => this.#finish({ ok: false, error: this.#endError() }))
      })
    } catch (error) {
      this.#finish({ ok: false, error: exitError(messageOf(error), requestId) })
    }
    return promise.finally(() => clearTimeout(late))
  }

  /** Ends the process at once, as Lambda does with an environment that it does not need; resolves when it is gone. */
  end(): Promise<void> {
    this.#alive = false
    this.#child.kill('SIGKILL')
    return this.#ended
  }

  #answered(message: Extract<RuntimeMessage, { kind: 'result' | 'error' }>): void {
    this.#maxMemoryMb = message.maxMemoryMb
    // It went too high and came down again between two looks: Lambda would have ended it before it answered.
    if (message.maxMemoryMb > this.#settings.memoryMb) {
      this.#exceeded()
      return
    }
    // It is not to be given another invocation in the moment before it is gone.
    if (message.kind === 'error' && message.fatal) this.#alive = false
    this.#finish(
      message.kind === 'result'
        ? { ok: true, payload: message.payload }
        : { ok: false, error: message.error },
    )
  }

  /** Ends the process as a kernel without memory does; what is under way fails with its end. */
  #exceeded(): void {
    this.#outOfMemory = true
    void this.end()
  }

  #endError(): ErrorPayload {
    return this.#outOfMemory ? outOfMemoryError(this.#requestId) : exitError(this.#how, this.#requestId)
  }

  #finish(outcome: Outcome): void {
    this.#settle?.(outcome)
    this.#settle = undefined
  }
}

function statusOf(outcome: Outcome): Pick<Report, 'status' | 'errorType'> {
  if (outcome.ok) return { status: 'success', errorType: undefined }
  const { errorType } = outcome.error
  return { status: errorType === 'Sandbox.Timedout' ? 'timeout' : 'error', errorType }
}

/** How Lambda calls the signals that end a process. */
const SIGNALS: Readonly<Partial<Record<NodeJS.Signals, string>>> = {
  SIGKILL: 'killed',
  SIGABRT: 'aborted',
  SIGSEGV: 'segmentation fault',
  SIGTERM: 'terminated',
}

const exitError = (how: string, requestId: string | undefined): ErrorPayload => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `${requestId === undefined ? '' : `RequestId: ${requestId} Error: `}Runtime exited with error: ${how}`,
  trace: [],
})

/** Lambda's own report of it has this type; only the signal says it otherwise. */
const outOfMemoryError = (requestId: string | undefined): ErrorPayload => ({
  ...exitError('signal: killed', requestId),
  errorType: 'Runtime.OutOfMemory',
})
