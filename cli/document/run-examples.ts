import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Command } from 'commander'
import { sendEvents } from './events.ts'
import { type Example, FIRST, IMPORTED, THEN } from './examples.ts'
import { familiesOf } from './help.ts'
import { normalise } from './normalise.ts'

/** Runs `keeper` with arguments in a folder of its own, and gives what it wrote. */
export type RunKeeper = (args: readonly string[]) => Promise<string>

/** What a command printed, by its words. */
export type Outputs = ReadonlyMap<string, { readonly line: string; readonly text: string }>

const POLL_MS = 200
const MOST_POLLS = 300

/**
 * Runs the examples on a Keeper that has just started, without schedules.
 * @param folder where `keeper` runs
 */
export async function runExamples(
  program: Command,
  keeper: RunKeeper,
  { bootstrapServers, folder }: { readonly bootstrapServers: string; readonly folder: string },
): Promise<Outputs> {
  const outputs = new Map<string, { line: string; text: string }>()
  const run = async ({ command, args }: Example) => {
    const words = [...command.split(' '), ...args]
    outputs.set(command, {
      line: `keeper ${words.map(quoted).join(' ')}`,
      text: normalise(await keeper(words)),
    })
  }
  await writeFile(join(folder, IMPORTED.file), IMPORTED.text)
  // What every first run is given to look at.
  await keeper(['users', 'remove', 'demo@keeper.example', '--yes'])
  for (const each of FIRST) await run(each)
  await sendEvents(bootstrapServers)
  await stored(keeper)
  for (const each of [...THEN, ...listsOf(program)]) await run(each)
  return outputs
}

/** `list` of every family that examples.ts does not have yet. */
const listsOf = (program: Command): Example[] =>
  familiesOf(program)
    .flatMap(({ commands }) => commands)
    .filter(
      ({ words, command }) =>
        / list$/.test(words) &&
        !command.registeredArguments.some(({ required }) => required) &&
        !THEN.some((each) => each.command === words),
    )
    .map(({ words }) => ({ command: words, args: [], varies: true }))

async function stored(keeper: RunKeeper): Promise<void> {
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const { consumers, database } = JSON.parse(await keeper(['status', '--json']))
    const isRead = consumers.value?.every(
      ({ lag, members }: { lag: number; members: unknown[] }) => lag === 0 && members.length > 0,
    )
    if (isRead && database.value?.alertsPending > 0 && database.value?.rejectedOpen > 0) return
    await sleep(POLL_MS)
  }
  throw new Error('The events were not stored within a minute.')
}

const quoted = (word: string): string => (/^[\w@.:/=-]+$/.test(word) ? word : `'${word}'`)
