import type { Command } from 'commander'
import { ClientError } from '../client/client-error.ts'

/** What a script reads from the exit code: https://clig.dev/#the-basics and DESIGN.md, "Operating". */
const EXIT_CODES: Readonly<Record<string, number>> = {
  usage: 2,
  input_invalid: 2,
  bad_offset: 2,
  bad_condition: 2,
  bad_amount: 2,
  bad_product: 2,
  bad_target: 2,
  bad_channel: 2,
  product_ambiguous: 2,
  user_ambiguous: 2,
  watch_ambiguous: 2,
  failed_run_ambiguous: 2,
  is_consumer: 2,
  bad_filter: 2,
  not_running: 3,
  not_deployed: 3,
  unreachable: 3,
  kafka_unreachable: 3,
  kafka_wrong_listener: 3,
  database_unreachable: 3,
  not_permitted: 4,
  no_region: 4,
  interrupted: 130,
}

/** Runs a command line to its end, says why it failed, and gives its exit code. */
export async function exitCodeOf(program: Command, argv: readonly string[]): Promise<number> {
  try {
    await program.parseAsync([...argv])
    return 0
  } catch (error) {
    if (isCommanderError(error)) return error.exitCode === 0 ? 0 : 2
    if (!(error instanceof ClientError)) throw error
    const { clean } = await import('./output/table.ts')
    process.stderr.write(`${error.message.split('\n').map(clean).join('\n')}\n`)
    return EXIT_CODES[error.code] ?? 1
  }
}

function isCommanderError(error: unknown): error is { exitCode: number } {
  return error instanceof Error && error.name === 'CommanderError'
}
