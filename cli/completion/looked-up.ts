import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Command } from 'commander'
import { findKeeper, STATE } from '../../client/find.ts'
import type { Keeper } from '../../client/keeper.ts'
import { gather } from '../output/gather.ts'
import { commandsOf, type Values } from './tab.ts'

/** Values that only a running Keeper knows, kept for a minute: a person presses the key several times. */
const KEPT_MS = 60_000

/** Somebody waits for the key that was pressed. */
const PATIENCE_MS = 3_000

const MOST_PRODUCTS = 1_000

/** How to look up what an argument can be, by the argument's name. */
const LOOK_UPS: Readonly<Record<string, (keeper: Keeper) => Promise<string[]>>> = {
  topic: async (keeper) => (await keeper.call('topics.list', {})).map(({ topic }) => topic),
  group: async (keeper) => (await keeper.call('groups.list', {})).map(({ group }) => group),
  product: asins,
  watch: asins,
}

async function asins(keeper: Keeper): Promise<string[]> {
  const watches = await gather(keeper.rows('watches.list', {}), MOST_PRODUCTS)
  return [...new Set(watches.map(({ asin }) => asin))]
}

/**
 * What the arguments of the command in `words` can be. A Keeper that cannot be asked, or not soon, has nothing to add.
 */
export async function lookedUp(program: Command, words: readonly string[]): Promise<Values> {
  const name = wantedBy(program, words)
  const lookUp = name === undefined ? undefined : LOOK_UPS[name]
  if (name === undefined || !lookUp) return {}
  const where = { stage: givenFor('--stage', words), state: givenFor('--state', words) }
  const file = join(where.state ?? STATE, 'completion', `${where.stage ?? 'local'}-${name}.json`)
  const kept = await keptIn(file)
  if (kept) return { [name]: kept }
  const asked = findKeeper(where).then(lookUp)
  const patience = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), PATIENCE_MS)
  })
  const values = await Promise.race([asked, patience]).catch(() => undefined)
  if (!values) return {}
  await keep(file, values)
  return { [name]: values }
}

/** The first argument of the command that is written in full, if it can be looked up. */
function wantedBy(program: Command, words: readonly string[]): string | undefined {
  const command = commandsOf(program).findLast(([path]) => ` ${words.join(' ')} `.includes(` ${path} `))?.[1]
  const name = command?.registeredArguments[0]?.name()
  return name !== undefined && Object.hasOwn(LOOK_UPS, name) ? name : undefined
}

const givenFor = (option: string, words: readonly string[]): string | undefined => {
  const at = words.indexOf(option)
  return at < 0 ? undefined : words[at + 1]
}

async function keptIn(file: string): Promise<string[] | undefined> {
  try {
    const { mtimeMs } = await stat(file)
    if (Date.now() - mtimeMs > KEPT_MS) return undefined
    return JSON.parse(await readFile(file, 'utf8')) as string[]
  } catch {
    return undefined
  }
}

/** Renamed into place, so that nobody reads half of it; a folder that cannot be written keeps nothing. */
async function keep(file: string, values: readonly string[]): Promise<void> {
  const partial = `${file}.${process.pid}`
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(partial, JSON.stringify(values))
    await rename(partial, file)
  } catch {
    return
  }
}
