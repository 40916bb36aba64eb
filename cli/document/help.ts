import type { Command } from 'commander'

/** What `--help` prints of a command in a terminal of 80 columns. */
export function helpOf(command: Command): string {
  let text = ''
  const output = {
    writeOut: (part: string) => {
      text += part
    },
    getOutHelpWidth: () => 80,
    getOutHasColors: () => false,
  }
  for (let each: Command | null = command; each; each = each.parent) each.configureOutput(output)
  command.outputHelp()
  return text.trimEnd()
}

/** A command, and the words that run it: `topics list`. */
export interface Documented {
  readonly words: string
  readonly command: Command
}

/** The commands that do something, in the order of the tree, by family. */
export function familiesOf(
  program: Command,
): { readonly family: Command; readonly commands: Documented[] }[] {
  return shownIn(program).map((family) => ({ family, commands: leavesOf(family, family.name()) }))
}

function leavesOf(command: Command, words: string): Documented[] {
  const below = shownIn(command)
  const own = below.length === 0 || command.registeredArguments.length > 0 ? [{ words, command }] : []
  return own.concat(below.flatMap((each) => leavesOf(each, `${words} ${each.name()}`)))
}

const shownIn = (command: Command): Command[] =>
  command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== 'help')
