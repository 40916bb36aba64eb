import { startConsole } from '../../console/server/console.ts'
import type { CommandContext } from '../context.ts'

/** Serves the console until the command is interrupted. */
export async function serve(context: CommandContext, port: number, isReadOnly: boolean): Promise<void> {
  const keeper = await context.keeper()
  const { url } = await startConsole({ keeper: async () => keeper, port, isReadOnly })
  context.print(context.isJson ? JSON.stringify({ url }) : url)
  context.say(`${keeper.title}${isReadOnly ? ', read only' : ''}; Ctrl-C ends it`)
}
