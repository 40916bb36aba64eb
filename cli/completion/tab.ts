import { type RootCommand, script, RootCommand as Tab } from '@bomb.sh/tab'
import type { Command, Option } from 'commander'

/** All that Keeper has of @bomb.sh/tab, whose own adapter for Commander knows no values that are looked up. */

/** What an argument can be, by its name: `topic`, `group` ... */
export type Values = Readonly<Record<string, readonly string[]>>

/** The shells that have completion. */
export type Shell = 'bash' | 'zsh' | 'fish' | 'powershell'

/** Prints what the last of `words` may become, in the form that the shells' scripts read. */
export function printSuggestions(program: Command, words: readonly string[], values: Values): void {
  const tab = new Tab()
  withOptions(tab, program)
  for (const [path, command] of commandsOf(program)) {
    const known = tab.command(path, command.description())
    withOptions(known, command)
    for (const argument of command.registeredArguments) {
      const choices = argument.argChoices ?? values[argument.name()] ?? []
      known.argument(argument.name(), (add) => addAll(add, choices), argument.variadic)
    }
  }
  tab.parse([...words])
}

/**
 * Prints the script that a shell reads once.
 * @param command what runs the command line, quoted for a shell
 */
export function printScript(shell: Shell, name: string, command: string): void {
  if (shell === 'bash') console.log(WITHOUT_BASH_COMPLETION)
  script(shell, name, command)
}

/** Tab's script for bash takes the words from the package bash-completion; where that is not, these are enough. */
const WITHOUT_BASH_COMPLETION = `
declare -F _get_comp_words_by_ref > /dev/null || _get_comp_words_by_ref() {
  cur=\${COMP_WORDS[COMP_CWORD]}
  prev=\${COMP_WORDS[COMP_CWORD-1]}
  words=("\${COMP_WORDS[@]}")
  cword=$COMP_CWORD
}
`

/** The commands that are shown, by their words: `topics`, `topics list`. */
export function commandsOf(parent: Command, words = ''): (readonly [string, Command])[] {
  return parent
    .createHelp()
    .visibleCommands(parent)
    .filter((command) => command.name() !== 'help')
    .flatMap((command) => {
      const path = words === '' ? command.name() : `${words} ${command.name()}`
      return [[path, command] as const, ...commandsOf(command, path)]
    })
}

type WithOptions = Pick<RootCommand, 'option'>

function withOptions(known: WithOptions, command: Command): void {
  for (const option of command.createHelp().visibleOptions(command)) addOption(known, option)
}

function addOption(known: WithOptions, option: Option): void {
  const { long, short, description, argChoices = [] } = option
  if (!long) return
  const [name, alias] = [long.slice(2), short?.slice(1)]
  if (option.required || option.optional) {
    known.option(name, description, (add) => addAll(add, argChoices), alias)
  } else known.option(name, description, alias)
}

const addAll = (add: (value: string, description: string) => void, values: readonly string[]): void => {
  for (const value of values) add(value, '')
}
