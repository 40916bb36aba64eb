import type { Command } from 'commander'
import type { CommandContext, GlobalOptions } from './context.ts'

/**
 * The action of a command: positional arguments, by the names given here, and options come to `work` as one object.
 * What `work` needs is loaded when it runs, so that `--help` loads nothing.
 */
export const run =
  <Arguments>(
    work: (context: CommandContext, args: Arguments) => Promise<void>,
    ...names: readonly string[]
  ) =>
  async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command
    const positional = Object.fromEntries(names.map((name, index) => [name, given[index]]))
    const { contextOf } = await import('./context.ts')
    const context = contextOf(command.optsWithGlobals<GlobalOptions>())
    await work(context, { ...command.opts(), ...positional } as Arguments)
  }

/** Lines for the end of a command's help. */
export const examples = (...lines: readonly string[]): string =>
  `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`
