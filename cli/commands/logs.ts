import { readLog } from '../../client/logs.ts'
import type { CommandContext } from '../context.ts'
import { logJson, logLine } from '../output/log-line.ts'

/** What `logs` takes. */
export interface LogsArguments {
  readonly function: string
  readonly filter?: string
  readonly since: Date
  readonly follow?: boolean
}

export async function logs(
  context: CommandContext,
  { function: name, filter, since, follow = false }: LogsArguments,
): Promise<void> {
  const keeper = await context.keeper()
  if (follow) context.say(`following ${name} in ${keeper.title}; Ctrl-C ends it`)
  let shown = 0
  for await (const event of readLog(keeper, name, { filter, since, follow })) {
    shown += 1
    context.print(context.isJson ? logJson(event) : logLine(event))
  }
  if (shown === 0) context.say(`${name} has logged nothing like that since ${since.toISOString()}.`)
}
