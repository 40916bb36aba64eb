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
  /** Values of the parameters of `assembly`, by `NAME` or `STACK:NAME`. */
  readonly parameters: Readonly<Record<string, string>>
  /** The stacks of `assembly` that run; all of them where there is none. */
  readonly stacks: readonly string[]
  /** Ports that are these or none; undefined for the usual ones, or others where those are taken. */
  readonly ports: {
    readonly kafka: number | undefined
    readonly aws: number | undefined
    readonly console: number | undefined
  }
  /** Whether deals can be searched in OpenSearch. */
  readonly search: boolean
  /** Whether Kafka Connect mirrors the topics into it. */
  readonly connect: boolean
  /** How long a function's process is kept without an invocation, in milliseconds; undefined for the default. */
  readonly idleMs: number | undefined
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
  --search          deals can be searched in OpenSearch: starts one and the indexer (SEARCH_ENDPOINT with --engine external)
  --connect         --search, and a Kafka Connect that mirrors the topics into OpenSearch (CONNECT_URL)
  --assembly DIR    run the cloud assembly of another CDK app instead of Keeper
  --env NAME=VALUE  with --assembly: set an environment variable of its functions (repeatable)
  --parameters NAME=VALUE
                    with --assembly: set a parameter of its templates, STACK:NAME=VALUE of one (repeatable)
  --stack NAME      with --assembly: run this stack only (repeatable)
  --kafka-port N    Kafka's port; without it 9092, or another if that is taken (embedded engine)
  --aws-port N      the port of the AWS APIs; without it 3001, or another if that is taken
  --console-port N  the port of the console; without it 8080, or another if that is taken
  --idle 5m         end a function's process after this long without an invocation (default: 5m)
  --help            show this text

Exit code: 0 after Ctrl-C, 1 if the run failed, 3 if parts of the assembly could not run; they are listed.
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
  for (const name of ['env', 'parameters', 'stack'] as const) {
    if (values[name] && values.assembly === undefined) {
      throw new KeeperError('bad_option', `--${name} needs --assembly: it is about another app.`)
    }
  }
  for (const name of ['search', 'connect'] as const) {
    if (values[name] && values.assembly !== undefined) {
      throw new KeeperError('bad_option', `--${name} and --assembly contradict each other: use one of them.`)
    }
  }
  return {
    help: values.help ?? false,
    engine,
    fresh: values.fresh ?? false,
    everyMs: periodMs('every', values.every),
    schedules: !values['no-schedules'],
    twice: values.twice ?? false,
    assembly: values.assembly,
    env: Object.fromEntries((values.env ?? []).map(readVariable)),
    parameters: Object.fromEntries((values.parameters ?? []).map(readParameter)),
    stacks: values.stack ?? [],
    ports: {
      kafka: port('kafka-port', values['kafka-port']),
      aws: port('aws-port', values['aws-port']),
      console: port('console-port', values['console-port']),
    },
    search: values.search ?? values.connect ?? false,
    connect: values.connect ?? false,
    idleMs: periodMs('idle', values.idle),
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
        parameters: { type: 'string', multiple: true },
        stack: { type: 'string', multiple: true },
        'kafka-port': { type: 'string' },
        'aws-port': { type: 'string' },
        'console-port': { type: 'string' },
        idle: { type: 'string' },
        search: { type: 'boolean' },
        connect: { type: 'boolean' },
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

/** As the CDK's own option: `NAME=VALUE`, or `STACK:NAME=VALUE`. */
function readParameter(text: string): readonly [string, string] {
  const [, name, value] = /^((?:[^:=]+:)?[A-Za-z0-9]+)=(.*)$/s.exec(text) ?? []
  if (name !== undefined && value !== undefined) return [name, value]
  throw new KeeperError('bad_option', `--parameters is "${text}": use NAME=VALUE or STACK:NAME=VALUE.`)
}

function port(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= 1 && value <= 65_535) return value
  throw new KeeperError('bad_option', `--${option} is "${text}": use a number from 1 to 65535.`)
}

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 }

function periodMs(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const match = /^(\d+)([smh])$/.exec(text)
  const ms = Number(match?.[1] ?? 0) * (UNIT_MS[match?.[2] ?? ''] ?? 0)
  if (ms > 0 && ms < 2 ** 31) return ms
  throw new KeeperError(
    'bad_option',
    `--${option} is "${text}": use a whole number with s, m or h, for example 10s.`,
  )
}
