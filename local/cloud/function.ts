import { randomUUID } from 'node:crypto'
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { ExecutionEnvironment, type Outcome } from './execution-environment.ts'
import type { FunctionResource } from './template.ts'

/** How long an execution environment is kept after its last invocation. */
const IDLE_MS = 5 * 60_000

/** Where a function runs here: its variables with the local differences, and its logs. */
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
  readonly #log: WriteStream
  readonly #free: { environment: ExecutionEnvironment; idle: NodeJS.Timeout }[] = []
  readonly #all = new Set<ExecutionEnvironment>()
  #stopped = false

  constructor(resource: FunctionResource, { variables, logDirectory }: FunctionOptions) {
    this.resource = resource
    this.#variables = variables
    mkdirSync(logDirectory, { recursive: true })
    this.#log = createWriteStream(join(logDirectory, `${resource.name}.log`), { flags: 'a' })
    this.#log.on('error', () => undefined)
  }

  /** Invokes the function and waits for its answer. The payload is JSON text. */
  async invoke(payload: string, requestId: string = randomUUID()): Promise<Outcome> {
    if (this.#stopped) return stoppedOutcome
    const environment = this.#take()
    const outcome = await environment.invoke(requestId, payload, this.resource.timeoutSeconds * 1000)
    this.#giveBack(environment)
    return outcome
  }

  /** Ends all processes; invocations under way fail. */
  stop(): void {
    this.#stopped = true
    for (const { idle } of this.#free) clearTimeout(idle)
    for (const environment of this.#all) environment.end()
    this.#all.clear()
    this.#log.end()
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
      environment.end()
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
