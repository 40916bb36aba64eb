import { Argument, type Command } from 'commander'
import { examples } from '../run.ts'

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const

/** `keeper completion ...`, and `keeper complete`, which the shells' scripts run at the press of the key. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('prints the script that lets a shell complete commands, topics, groups and ASINs')
    .addArgument(new Argument('<shell>', 'whose script').choices(SHELLS))
    .addHelpText('after', examples('source <(keeper completion bash)', 'keeper completion fish | source'))
    .action(async (shell: (typeof SHELLS)[number]) => {
      const { printScript } = await import('../completion/tab.ts')
      printScript(shell, program.name(), [process.execPath, process.argv[1] ?? ''].map(quoted).join(' '))
    })
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => {
      const { printSuggestions } = await import('../completion/tab.ts')
      const { lookedUp } = await import('../completion/looked-up.ts')
      printSuggestions(program, words, await lookedUp(program, words))
      // Whoever pressed the key does not wait for a Keeper that is slow to answer.
      process.exit(0)
    })
}

/** For every shell: single quotes keep all but themselves. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
