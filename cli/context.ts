import { ClientError } from '../client/client-error.ts'
import { findKeeper, STATE, type Where } from '../client/find.ts'
import type { Keeper } from '../client/keeper.ts'

/** What every command takes. */
export interface GlobalOptions {
  readonly stage?: string
  readonly state?: string
  readonly json?: boolean
  readonly yes?: boolean
}

/** What a command works with. Data goes to stdout, everything else to stderr. */
export interface CommandContext {
  keeper(): Promise<Keeper>
  /** Where `keeper` looks. */
  readonly where: Where
  /**
   * The state folder of the local run.
   * @throws ClientError `usage` where a stage is named, since a stage has none
   */
  localState(): string
  readonly isJson: boolean
  /** Columns of the terminal; 120 where there is none. */
  readonly width: number
  /** Writes data. */
  print(text: string): void
  /** Says something to the person. */
  say(text: string): void
  /**
   * Asks before something is changed; `--yes` answers.
   * @throws ClientError `usage` without a terminal and without `--yes`; `declined` where the answer is no or Ctrl-D,
   * `interrupted` after Ctrl-C
   */
  confirm(question: string): Promise<void>
  /** Something secret: from the terminal, where it is not shown, or from what is piped in; empty where nothing is. */
  secret(question: string): Promise<string>
}

export function contextOf({ stage, state, json = false, yes = false }: GlobalOptions): CommandContext {
  const say = (text: string) => void process.stderr.write(`${text}\n`)
  return {
    keeper: () => findKeeper({ stage, state }),
    localState: () => {
      if (stage === undefined) return state ?? STATE
      throw new ClientError('usage', "A stage's mails are in people's mailboxes: leave out --stage.")
    },
    where: { stage, state },
    isJson: json,
    width: process.stdout.columns ?? 120,
    print: (text) => void process.stdout.write(`${text}\n`),
    say,
    confirm: async (question) => {
      if (yes) return
      if (!process.stdin.isTTY)
        throw new ClientError('usage', `${question} Without a terminal, --yes answers.`)
      const [{ createInterface }, { typedLine }] = await Promise.all([
        import('node:readline/promises'),
        import('./typed-line.ts'),
      ])
      const terminal = createInterface({ input: process.stdin, output: process.stderr })
      const answer = await typedLine(terminal, `${question} [y/N] `)
      if (!/^y(es)?$/i.test(answer.trim())) throw new ClientError('declined', 'Nothing was changed.')
    },
    secret: async (question) => (await import('./secret-input.ts')).readSecret(question),
  }
}
