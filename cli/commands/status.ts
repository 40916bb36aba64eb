import { ClientError } from '../../client/client-error.ts'
import { readStatus, type Status } from '../../client/status.ts'
import type { Part } from '../../lambdas/operator/failures.ts'
import type { HistoryStatus } from '../../lambdas/operator/postgres/database-status.ts'
import type { CommandContext } from '../context.ts'
import { age } from '../output/age.ts'
import { counted } from '../output/plural.ts'
import { clean, table } from '../output/table.ts'
import { wrap } from '../output/wrap.ts'

/** Where a line's text begins, behind its name. */
const INDENT = 15

/**
 * @throws ClientError `status_incomplete` where a part could not be read; the others are shown before
 */
export async function show(context: CommandContext): Promise<void> {
  const status = await readStatus(await context.keeper())
  context.print(context.isJson ? JSON.stringify(status, null, 2) : screen(status, context.width))
  const unread = Object.entries(status).flatMap(([name, part]) =>
    typeof part === 'object' && 'error' in part ? [name] : [],
  )
  if (unread.length === 0) return
  throw new ClientError('status_incomplete', `Not everything could be read: ${unread.join(', ')}.`)
}

function screen(status: Status, width: number): string {
  const { keeper, operator, consumers, database, mappings, alarms, tokens } = status
  const nowMs = 'value' in operator ? Date.parse(operator.value.at) : Date.now()
  const ago = (time: string | null) => age(time, nowMs)
  const line = (name: string, ...texts: readonly string[]) =>
    texts
      .flatMap((text) => wrap(clean(text), width - INDENT))
      .map((text, index) => `${(index === 0 ? name : '').padEnd(INDENT)}${text}`)
  const say = <Value>(name: string, part: Part<Value>, of: (value: Value) => string | readonly string[]) =>
    line(name, ...('error' in part ? [part.error.message] : [of(part.value)].flat()))

  const lines = [
    `${keeper}, ${new Date(nowMs).toISOString()}`,
    ...('error' in database
      ? say('database', database, () => '')
      : [
          ...say('newest price', database, ({ newestPrice }) => ago(newestPrice)),
          ...say('newest deal', database, ({ newestDeal }) => ago(newestDeal)),
          ...say('rejected', database, ({ rejectedOpen }) => `${rejectedOpen} open`),
          ...say('alerts', database, ({ alertsPending }) => `${alertsPending} pending`),
          ...say('history', database, ({ history }) => historyText(history)),
          ...say('notifier', database, ({ notifierWaitsSince: since }) =>
            since === null ? [] : `waits in a restored database, ${ago(since)}: keeper notifier show`,
          ),
        ]),
    ...say('tokens', tokens, (left) =>
      left.length === 0
        ? 'not reported in the last 3 h'
        : left.map(({ producer, tokens: count, at }) => `${count} left, ${producer} ${ago(at)}`),
    ),
    ...say('alarms', alarms, (ringing) =>
      ringing.length === 0
        ? 'none rings'
        : [
            `${counted(ringing.length, 'alarm')} in ALARM`,
            ...ringing.map(({ name, since }) => `${name}, ${ago(since)}`),
          ],
    ),
  ]
  if ('error' in consumers) lines.push(...say('consumers', consumers, () => ''))
  if ('error' in mappings) lines.push(...say('mappings', mappings, () => ''))
  const tables = [consumerTable(consumers, mappings, width)]
  if ('value' in database) tables.push(runTable(database.value.runs, ago, width))
  return [lines.join('\n'), ...tables.filter((each) => each !== '')].join('\n\n')
}

function historyText({ months, ahead, waiting, bytes, rewriting }: HistoryStatus): string {
  const size = `${(bytes / 1024 ** 2).toFixed(0)} MiB`
  const texts = [`${counted(months, 'month')}, ${ahead} of them ahead, ${size}`]
  if (waiting > 0) texts.push(`${counted(waiting, 'price')} wait for their month`)
  if (rewriting) {
    const what = rewriting.purpose === 'split' ? 'is being split by month' : 'is being thinned'
    texts.push(`${rewriting.partition} ${what}: ${counted(rewriting.rows, 'row')} copied`)
  }
  return texts.join('; ')
}

interface ConsumerRow {
  readonly consumer: string
  readonly topic: string
  readonly lag: number | null
  readonly mapping: string | null
}

function consumerTable(consumers: Status['consumers'], mappings: Status['mappings'], width: number): string {
  const of = (group: string) =>
    'value' in mappings ? mappings.value.filter((mapping) => mapping.group === group) : []
  const rows: ConsumerRow[] =
    'value' in consumers
      ? consumers.value.map(({ consumer, topic, group, lag }) => ({
          ...{ consumer, topic, lag },
          mapping:
            of(group)
              .map(({ state }) => state)
              .join(', ') || null,
        }))
      : 'value' in mappings
        ? mappings.value.map(({ functionName, topic, state }) => ({
            ...{ consumer: functionName, topic, lag: null, mapping: state },
          }))
        : []
  if (rows.length === 0) return ''
  return table(
    [
      { name: 'CONSUMER', cell: ({ consumer }) => consumer, shrinks: true },
      { name: 'TOPIC', cell: ({ topic }) => topic },
      { name: 'LAG', cell: ({ lag }) => lag, align: 'right' },
      { name: 'MAPPING', cell: ({ mapping }) => mapping },
    ],
    rows,
    width,
  )
}

type LastRun = Extract<Status['database'], { value: unknown }>['value']['runs'][number]

function runTable(runs: readonly LastRun[], ago: (time: string | null) => string, width: number): string {
  if (runs.length === 0) return 'No producer has run yet.'
  return table(
    [
      { name: 'PRODUCER', cell: ({ producer }) => producer, shrinks: true },
      { name: 'STARTED', cell: ({ startedAt }) => ago(startedAt) },
      { name: 'FINISHED', cell: ({ finishedAt, running }) => (running ? 'runs now' : ago(finishedAt)) },
    ],
    runs,
    width,
  )
}
