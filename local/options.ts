import { parseArgs } from 'node:util'
import { KeeperError, messageOf } from '../lambdas/core/errors.ts'
import type { Engine } from './engines/engine.ts'

/** What `npm run local -- ...` takes. */
export interface LocalOptions {
  readonly help: boolean
  /** Which Kafka and Postgres; chosen where it is left out. */
  readonly engine: Engine['kind'] | undefined
  /** Begin with empty data. */
  readonly fresh: boolean
  /** A period in place of the template's schedules, in milliseconds. */
  readonly everyMs: number | undefined
  /** False where schedules are left to be fired by hand. */
  readonly schedules: boolean
  /** The cloud assembly of another app, to be run in place of Keeper. */
  readonly assembly: string | undefined
  /** Variables that the functions of `assembly` get, in place of the template's. */
  readonly env: Readonly<Record<string, string>>
  /** Every firing of a schedule comes twice. */
  readonly twice: boolean
  /** Where data, logs and run.json are; undefined is `.local` of the checkout. */
  readonly state: string | undefined
}

export const USAGE = `npm run local -- [options]

  --every 10s       fire every schedule this often (s, m or h) instead of at the template's rate
  --no-schedules    fire no schedule; invoke the producers by hand
  --twice           let every firing of a schedule come twice, as EventBridge Scheduler may
  --fresh           delete the data of earlier runs first
  --state DIR       where data, logs and run.json lie; .local unless given
  --engine KIND     embedded, compose or external (KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL); chosen unless given
  --assembly DIR    run the cloud assembly that another CDK app was synthesized to, in place of Keeper
  --env NAME=VALUE  with --assembly: a variable of its functions that cannot be known here (as often as needed)
  --help            this text

With KEEPA_API_KEY set, prices come from Keepa instead of the simulated market.`

const ENGINES = ['embedded', 'compose', 'external'] as const

/** @throws KeeperError `bad_option` saying which, and what it takes */
export function readOptions(args: readonly string[]): LocalOptions {
  const values = parse(args)
  const engine = ENGINES.find((kind) => kind === values.engine)
  if (values.engine !== undefined && !engine) {
    throw new KeeperError('bad_option', `--engine is "${values.engine}"; it takes ${ENGINES.join(', ')}.`)
  }
  if (values.every !== undefined && values['no-schedules']) {
    throw new KeeperError('bad_option', '--every and --no-schedules contradict each other.')
  }
  if (values.twice && values['no-schedules']) {
    throw new KeeperError('bad_option', '--twice and --no-schedules contradict each other.')
  }
  if (values.env && values.assembly === undefined) {
    throw new KeeperError('bad_option', '--env goes with --assembly: it is for the functions of another app.')
  }
  return {
    help: values.help ?? false,
    engine,
    fresh: values.fresh ?? false,
    everyMs: values.every === undefined ? undefined : periodMs(values.every),
    schedules: !values['no-schedules'],
    twice: values.twice ?? false,
    assembly: values.assembly,
    env: Object.fromEntries((values.env ?? []).map(readVariable)),
    state: values.state,
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        help: { type: 'boolean' },
        engine: { type: 'string' },
        fresh: { type: 'boolean' },
        every: { type: 'string' },
        state: { type: 'string' },
        assembly: { type: 'string' },
        env: { type: 'string', multiple: true },
        twice: { type: 'boolean' },
        'no-schedules': { type: 'boolean' },
      },
    }).values
  } catch (error) {
    throw new KeeperError('bad_option', `${messageOf(error)}\n\n${USAGE}`)
  }
}

function readVariable(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new KeeperError('bad_option', `--env is "${text}"; it takes NAME=VALUE.`)
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

function periodMs(text: string): number {
  const match = /^(\d+)([smh])$/.exec(text)
  const ms = Number(match?.[1] ?? 0) * (UNIT_MS[match?.[2] ?? ''] ?? 0)
  if (ms > 0 && ms < 2 ** 31) return ms
  throw new KeeperError(
    'bad_option',
    `--every is "${text}"; it takes a whole number with s, m or h, such as 10s.`,
  )
}
