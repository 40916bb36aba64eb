import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import type { ErrorPayload, InitMessage, RuntimeMessage } from './runtime/protocol.ts'

const RUNTIME = join(import.meta.dirname, 'runtime', 'main.ts')

/** How long loading a handler may take, as on Lambda. */
const INIT_TIMEOUT_MS = 10_000

/** What an invocation came to: a JSON payload, and whether it is an error's. */
export type Outcome =
  | { readonly ok: true; readonly payload: string }
  | { readonly ok: false; readonly error: ErrorPayload }

/** What a new process is given. */
export interface EnvironmentSettings extends Omit<InitMessage, 'kind'> {
  /** The process's whole environment. */
  readonly variables: Readonly<Record<string, string>>
  /** Takes what the function writes to standard output and error. */
  readonly log: Writable
}

/** One execution environment: a process that handles one invocation at a time, and is reused while it lives. */
export class ExecutionEnvironment {
  readonly #child: ChildProcess
  readonly #ready: Promise<ErrorPayload | undefined>
  #settle: ((outcome: Outcome) => void) | undefined
  #alive = true

  constructor(settings: EnvironmentSettings) {
    const { variables, log, ...init } = settings
    this.#child = fork(RUNTIME, {
      env: variables,
      execArgv: ['--disable-warning=ExperimentalWarning'],
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    this.#child.stdout?.pipe(log, { end: false })
    this.#child.stderr?.pipe(log, { end: false })
    this.#ready = new Promise((resolve) => {
      const late = setTimeout(() => {
        resolve({ errorType: 'Sandbox.Timedout', errorMessage: 'Init timed out after 10 s', trace: [] })
        this.end()
      }, INIT_TIMEOUT_MS)
      this.#child.on('message', (message: RuntimeMessage) => {
        clearTimeout(late)
        if (message.kind === 'ready') resolve(undefined)
        else if (message.kind === 'init-error') resolve(message.error)
        else if (message.kind === 'result') this.#finish({ ok: true, payload: message.payload })
        else this.#finish({ ok: false, error: message.error })
      })
      this.#child.on('exit', (code, signal) => {
        clearTimeout(late)
        this.#alive = false
        const error = exitError(code, signal)
        resolve(error)
        this.#finish({ ok: false, error })
      })
      this.#child.on('error', () => undefined)
    })
    this.#child.send({ kind: 'init', ...init })
  }

  get alive(): boolean {
    return this.#alive
  }

  /** Runs one invocation; where it takes longer than `timeoutMs`, the process is ended with it. */
  async invoke(requestId: string, payload: string, timeoutMs: number): Promise<Outcome> {
    const initError = await this.#ready
    if (initError) {
      this.end()
      return { ok: false, error: initError }
    }
    const deadlineMs = Date.now() + timeoutMs
    const outcome = new Promise<Outcome>((resolve) => {
      this.#settle = resolve
    })
    const late = setTimeout(() => {
      const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${(timeoutMs / 1000).toFixed(2)} seconds`
      this.#finish({ ok: false, error: { errorType: 'Sandbox.Timedout', errorMessage, trace: [] } })
      this.end()
    }, timeoutMs)
    this.#child.send({ kind: 'invoke', requestId, deadlineMs, payload }, (error) => {
      if (error) this.#finish({ ok: false, error: exitError(null, null) })
    })
    return outcome.finally(() => clearTimeout(late))
  }

  /** Ends the process at once, as Lambda does with a frozen environment that is not needed any more. */
  end(): void {
    this.#alive = false
    this.#child.kill('SIGKILL')
  }

  #finish(outcome: Outcome): void {
    this.#settle?.(outcome)
    this.#settle = undefined
  }
}

const exitError = (code: number | null, signal: NodeJS.Signals | null): ErrorPayload => ({
  errorType: 'Runtime.ExitError',
  errorMessage: `Runtime exited with error: ${signal ? `signal: ${signal}` : `exit status ${code ?? 'unknown'}`}`,
  trace: [],
})
