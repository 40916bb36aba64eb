import { ClientError } from '../../client/client-error.ts'
import { CHANGES, type InputOf, type Keeper, type OperationName, type OutputOf } from '../../client/keeper.ts'

/**
 * What the pages can ask for: every operation of the operator by its own name, and the functions of `client/` that call
 * AWS's own APIs. There is no second way to Kafka, Postgres or AWS.
 */
interface ClientAction<Input, Output> {
  readonly access: 'read' | 'change'
  run(keeper: Keeper, input: Input): Promise<Output>
}

const clientAction = <Input, Output>(
  access: 'read' | 'change',
  run: (keeper: Keeper, input: Input) => Promise<Output>,
): ClientAction<Input, Output> => ({ access, run })

/** Actions beside the operator's. Each module is loaded when it is first used. */
export const CLIENT_ACTIONS = {
  'console.about': clientAction('read', async (keeper, _: object) => ({ title: keeper.title })),
} as const

type ClientActions = typeof CLIENT_ACTIONS

export type ActionName = OperationName | keyof ClientActions

export type ActionInput<Name extends ActionName> = Name extends keyof ClientActions
  ? Parameters<ClientActions[Name]['run']>[1]
  : Name extends OperationName
    ? InputOf<Name>
    : never

export type ActionOutput<Name extends ActionName> = Name extends keyof ClientActions
  ? Awaited<ReturnType<ClientActions[Name]['run']>>
  : Name extends OperationName
    ? OutputOf<Name>
    : never

const isClientAction = (name: string): name is keyof ClientActions => Object.hasOwn(CLIENT_ACTIONS, name)

/** Whether an action changes anything. */
export const isChange = (name: string): boolean =>
  isClientAction(name) ? CLIENT_ACTIONS[name].access === 'change' : CHANGES.has(name as OperationName)

/**
 * Runs an action.
 * @throws ClientError with a sentence for people
 */
export async function runAction(
  keeper: Keeper,
  { action, input }: { readonly action: string; readonly input: unknown },
  isReadOnly: boolean,
): Promise<unknown> {
  if (isReadOnly && isChange(action)) {
    throw new ClientError(
      'read_only',
      'This console only reads: start it without --read-only to change things.',
    )
  }
  if (isClientAction(action)) {
    const { run } = CLIENT_ACTIONS[action] as ClientAction<unknown, unknown>
    return run(keeper, input)
  }
  return keeper.call(action as OperationName, input as never)
}
