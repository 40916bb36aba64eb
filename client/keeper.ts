import type { Operation, OperatorResponse, Page } from '../lambdas/operator/operation.ts'
import type { Operations } from '../lambdas/operator/operations.ts'
import type { AwsClients } from './aws-clients.ts'
import { ClientError, explained } from './client-error.ts'

/** The name of an operation, such as `topics.list`. */
export type OperationName = keyof Operations

/** What an operation takes, as a caller writes it. */
export type InputOf<Name extends OperationName> =
  Operations[Name] extends Operation<infer Schema, infer _>
    ? Parameters<Operations[Name]['run']>[0] | InputOfSchema<Schema>
    : never

type InputOfSchema<Schema> = Schema extends {
  readonly '~types'?: { readonly input: infer Input } | undefined
}
  ? Input
  : never

/** What an operation gives. */
export type OutputOf<Name extends OperationName> = Awaited<ReturnType<Operations[Name]['run']>>

type RowOf<Name extends OperationName> = OutputOf<Name> extends Page<infer Row, infer _> ? Row : never

/** A Keeper that runs: on this machine, or deployed as a stage. */
export class Keeper {
  /** How people call it: `this machine` or `stage prod`. */
  readonly title: string

  /** A deployed stage; undefined on this machine. */
  readonly stage: string | undefined

  /** The folder of a local run's state; undefined for a stage. */
  readonly state: string | undefined
  /** AWS's own APIs, with the caller's own credentials. */
  readonly aws: AwsClients

  readonly #functions: OperatorFunctions
  readonly #caller: string

  constructor(options: KeeperOptions) {
    this.title = options.title
    this.stage = options.stage
    this.state = options.state
    this.aws = options.aws
    this.#functions = options.functions
    this.#caller = options.caller
  }

  /**
   * Runs an operation.
   * @throws ClientError with the operator's own code and sentence, or why it could not be asked
   */
  async call<Name extends OperationName>(operation: Name, input: InputOf<Name>): Promise<OutputOf<Name>> {
    const { InvokeCommand } = await import('@aws-sdk/client-lambda')
    const client = await this.aws.lambda()
    const request = JSON.stringify({ operation, input, caller: this.#caller })
    const name = CHANGES.has(operation) ? this.#functions.operator : this.#functions.reader
    const answer = await client
      .send(new InvokeCommand({ FunctionName: name, Payload: Buffer.from(request) }))
      .catch((error: unknown) => {
        throw explained(error, this.title, name)
      })
    const payload = Buffer.from(answer.Payload ?? []).toString('utf8')
    if (answer.FunctionError) throw failureOf(name, payload)
    const response = JSON.parse(payload) as OperatorResponse<OutputOf<Name>>
    if ('output' in response) return response.output
    throw new ClientError(response.error.code, response.error.message)
  }

  /** Every row of a long answer, page by page, as the caller takes them. */
  async *rows<Name extends OperationName>(
    operation: Name,
    input: InputOf<Name>,
  ): AsyncGenerator<RowOf<Name>> {
    let cursor: unknown
    do {
      const page = (await this.call(operation, {
        ...(input as object),
        ...(cursor ? { cursor } : {}),
      } as InputOf<Name>)) as Page<RowOf<Name>, unknown>
      yield* page.rows
      cursor = page.next
    } while (cursor)
  }
}

/** The names of the two functions. */
export interface OperatorFunctions {
  readonly reader: string
  readonly operator: string
}

export interface KeeperOptions {
  readonly title: string
  readonly stage?: string
  readonly state?: string
  readonly aws: AwsClients
  readonly functions: OperatorFunctions
  /** The caller's ARN, or the user's name on this machine: what the operator's log says. */
  readonly caller: string
}

/** Operations that only `operator` runs. A test compares this with the operations' own access. */
export const CHANGES: ReadonlySet<OperationName> = new Set<OperationName>([
  'topics.create',
  'groups.reset',
  'users.add',
  'users.set',
  'users.mute',
  'users.unmute',
  'users.remove',
  'channels.add',
  'channels.secret',
  'channels.enable',
  'channels.remove',
  'channels.test',
  'watches.add',
  'watches.target',
  'watches.pause',
  'watches.resume',
  'watches.snooze',
  'watches.unsnooze',
  'watches.remove',
  'watches.import',
  'deals.reindex',
  'watches.change',
  'filters.add',
  'filters.remove',
  'rejected.redrive',
  'notifier.confirm',
])

function failureOf(name: string, payload: string): ClientError {
  const { errorMessage = 'no reason given' } = JSON.parse(payload || '{}') as { errorMessage?: string }
  return new ClientError(
    'function_failed',
    `${name} failed: ${errorMessage}. Its log says more: .local/logs on this machine, CloudWatch Logs on AWS.`,
  )
}
