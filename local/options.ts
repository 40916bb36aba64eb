import { parseArgs } from 'node:util'
import { KeeperError, messageOf } from '../lambdas/core/errors.ts'
import type { Engine } from './engines/engine.ts'

/** The options of `npm run local -- ...`. */
export interface LocalOptions {
  readonly help: boolean
  /** Which Kafka and Postgres; undefined to choose automatically. */
  readonly engine: Engine['kind'] | undefined
  /** Start with empty data. */
  readonly fresh: boolean
  /** A period that replaces the template's schedules, in milliseconds. */
  readonly everyMs: number | undefined
  /** False if no schedule is to fire. */
  readonly schedules: boolean
  /** The cloud assembly of another app, to run instead of Keeper. */
  readonly assembly: string | undefined
  /** Environment variables for the functions of `assembly`; they override the template's. */
  readonly env: Readonly<Record<string, string>>
  /** Fire every schedule twice. */
  readonly twice: boolean
  /** The directory of data, logs and run.json; default: the checkout's `.local`. */
  readonly state: string | undefined
}

export const USAGE = `npm run local -- [options]

  --every 10s       fire every schedule at this interval (s, m or h) instead of the template's rate
  --no-schedules    fire no schedules; invoke the producers by hand
  --twice           fire every schedule twice, as EventBridge Scheduler may
  --fresh           first delete the data of earlier runs
  --state DIR       directory for data, logs and run.json (default: .local)
  --engine KIND     embedded, compose or external (KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL); default: automatic
  --assembly DIR    run the cloud assembly of another CDK app instead of Keeper
  --env NAME=VALUE  with --assembly: set an environment variable of its functions (repeatable)
  --help            show this text

With KEEPA_API_KEY set, prices come from Keepa instead of the simulated market.`

const ENGINES = ['embedded', 'compose', 'external'] as const

/** @throws KeeperError `bad_option` naming the option and what to use */
export function readOptions(args: readonly string[]): LocalOptions {
  const values = parse(args)
  const engine = ENGINES.find((kind) => kind === values.engine)
  if (values.engine !== undefined && !engine) {
    throw new KeeperError('bad_option', `--engine is "${values.engine}": use one of ${ENGINES.join(', ')}.`)
  }
  if (values.every !== undefined && values['no-schedules']) {
    throw new KeeperError('bad_option', '--every and --no-schedules contradict each other: use one of them.')
  }
  if (values.twice && values['no-schedules']) {
    throw new KeeperError('bad_option', '--twice and --no-schedules contradict each other: use one of them.')
  }
  if (values.env && values.assembly === undefined) {
    throw new KeeperError(
      'bad_option',
      "--env needs --assembly: it sets variables of another app's functions.",
    )
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
  throw new KeeperError('bad_option', `--env is "${text}": use NAME=VALUE.`)
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

function periodMs(text: string): number {
  const match = /^(\d+)([smh])$/.exec(text)
  const ms = Number(match?.[1] ?? 0) * (UNIT_MS[match?.[2] ?? ''] ?? 0)
  if (ms > 0 && ms < 2 ** 31) return ms
  throw new KeeperError(
    'bad_option',
    `--every is "${text}": use a whole number with s, m or h, for example 10s.`,
  )
}
