import { randomUUID } from 'node:crypto'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { ExecutionEnvironment, type Outcome } from './execution-environment.ts'
import type { FunctionResource } from './template.ts'

/** How long an execution environment is kept after its last invocation. */
const IDLE_MS = 5 * 60_000

/** Where a function runs here: its variables with the local differences, and the folder of its log. */
export interface FunctionOptions {
  readonly variables: Readonly<Record<string, string>>
  readonly logDirectory: string
}

/**
 * A Lambda function on this machine: its bundle in processes of its own, with the template's environment, memory and
 * timeout. As many invocations run at once as are asked for, each in an execution environment of its own; one that is
 * free is used again.
 */
export class LocalFunction {
  readonly resource: FunctionResource
  readonly #variables: Readonly<Record<string, string>>
  readonly #logFile: string
  readonly #free: { environment: ExecutionEnvironment; idle: NodeJS.Timeout }[] = []
  readonly #all = new Set<ExecutionEnvironment>()
  #log: number | undefined
  #stopped = false

  constructor(resource: FunctionResource, { variables, logDirectory }: FunctionOptions) {
    this.resource = resource
    this.#variables = variables
    this.#logFile = join(logDirectory, `${resource.name}.log`)
  }

  /** Invokes the function and waits for its answer. The payload is JSON text. */
  async invoke(payload: string, requestId: string = randomUUID()): Promise<Outcome> {
    if (this.#stopped) return stoppedOutcome
    const environment = this.#take()
    const outcome = await environment.invoke(requestId, payload, this.resource.timeoutSeconds * 1000)
    this.#giveBack(environment)
    return outcome
  }

  /** Ends all processes; invocations under way fail. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const { idle } of this.#free) clearTimeout(idle)
    const ended = [...this.#all].map((environment) => environment.end())
    this.#all.clear()
    if (this.#log !== undefined) closeSync(this.#log)
    this.#log = undefined
    await Promise.all(ended)
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
      variables: this.#variables,
      log: this.#openLog(),
    })
    this.#all.add(environment)
    return environment
  }

  #openLog(): number {
    mkdirSync(dirname(this.#logFile), { recursive: true })
    this.#log ??= openSync(this.#logFile, 'a')
    return this.#log
  }

  #giveBack(environment: ExecutionEnvironment): void {
    if (!environment.alive || this.#stopped) {
      this.#all.delete(environment)
      return
    }
    const idle = setTimeout(() => {
      void environment.end()
      this.#all.delete(environment)
    }, IDLE_MS)
    idle.unref()
    this.#free.push({ environment, idle })
  }
}

const stoppedOutcome: Outcome = {
  ok: false,
  error: {
    errorType: 'ResourceNotReadyException',
    errorMessage: 'The function is being stopped.',
    trace: [],
  },
}
