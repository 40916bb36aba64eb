import { readFile } from 'node:fs/promises'
import { ClientError } from '../../client/client-error.ts'
import type { InputOf, OutputOf } from '../../client/keeper.ts'
import { ruleNumber, type TargetRule } from '../../lambdas/operator/postgres/target-rule.ts'
import type { CommandContext } from '../context.ts'
import { readCsv, writeCsv } from '../output/csv.ts'
import { gather } from '../output/gather.ts'
import { money } from '../output/money.ts'
import { counted } from '../output/plural.ts'
import { type Column, clean, table } from '../output/table.ts'
import { describedHistory, fetchHistory } from './watch-history.ts'

/** Names a watch: its id, or its product as ASIN or address. */
export interface Reference {
  readonly watch: string
  readonly domain?: string
  readonly user?: string
}

type Watch = OutputOf<'watches.list'>['rows'][number]

/** Left out where all are one person's. */
const USER: Column<Watch> = { name: 'USER', cell: ({ user }) => user }

export async function list(
  context: CommandContext,
  filter: { readonly user?: string; readonly status?: string },
): Promise<void> {
  const status = filter.status?.toUpperCase() as InputOf<'watches.list'>['status']
  const keeper = await context.keeper()
  const watches = await gather(keeper.rows('watches.list', { ...filter, status }))
  if (context.isJson) return context.print(JSON.stringify(watches, null, 2))
  if (watches.length === 0) {
    return context.say('There are no such watches: keeper watches add ADDRESS --target 45 adds one.')
  }
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id, align: 'right' },
        { name: 'ASIN', cell: ({ asin }) => asin },
        { name: 'DOMAIN', cell: ({ domain }) => domain },
        { name: 'TITLE', cell: ({ title }) => title || '-', shrinks: true },
        { name: 'NOW', cell: ({ price, currency }) => money(price, currency), align: 'right' },
        { name: 'TARGET', cell: ({ target }) => target, align: 'right' },
        { name: 'STATUS', cell: ({ status }) => status },
        ...(new Set(watches.map(({ user }) => user)).size > 1 ? [USER] : []),
      ],
      watches,
      context.width,
    ),
  )
}

export interface AddOptions {
  readonly product: string
  readonly domain?: string
  readonly target?: string
  readonly drop?: string
  readonly belowLowest?: string
  readonly user?: string
}

export async function add(
  context: CommandContext,
  { drop, belowLowest, ...wanted }: AddOptions,
): Promise<void> {
  if ([wanted.target, drop, belowLowest].filter((given) => given !== undefined).length > 1)
    throw new ClientError('usage', 'Say one of --target, --drop and --below-lowest.')
  // A rule is applied last, when the product is watched already.
  if (drop !== undefined) checkRule({ drop })
  if (belowLowest !== undefined) checkRule({ belowLowest })
  const keeper = await context.keeper()
  const saved = await keeper.call('watches.add', wanted)
  const become = saved.created ? 'was added' : saved.changed ? 'was changed' : 'already exists'
  if (!context.isJson) context.say(`Watch ${saved.id} ${become}: ${described(saved)}.`)
  const history = await fetchHistory(context, keeper, saved)
  if (!context.isJson && history) context.say(describedHistory(history))
  // A rule on prices needs the history: it comes second.
  const ruled = drop !== undefined || belowLowest !== undefined
  const ruling = ruled
    ? await keeper.call('watches.target', { watch: saved.id, drop, belowLowest }).catch((error: unknown) => {
        throw stays(error, saved)
      })
    : undefined
  const { hint: shownHint, ...shown } = await keeper.call('watches.show', { watch: saved.id })
  if (context.isJson) {
    const hint = ruled ? null : shownHint
    const { created, changed } = saved
    return context.print(
      JSON.stringify(
        { ...shown, created, changed, hint, from: ruling?.from, history: history ?? null },
        null,
        2,
      ),
    )
  }
  if (ruling) context.say(`Its target is ${computed(ruling)}.`)
  else hint(context, { ...saved, hint: shownHint })
  const due = shown.alerts.find(({ status }) => status === 'PENDING')
  if (due) context.say(`An alert is due: ${money(due.price, saved.currency)} at ${due.at}.`)
  if (history?.statistics)
    context.say(`The chart: keeper prices ${saved.asin} --domain ${saved.domain} --days 365`)
}

/** A rule that its prices do not allow leaves a watch, which is said: with --json nothing else has said it. */
function stays(error: unknown, saved: Watch): unknown {
  if (!(error instanceof ClientError)) return error
  const target = saved.target === null ? 'without a target' : `with the target ${saved.target}`
  return new ClientError(error.code, `${error.message}\nWatch ${saved.id} stays, ${target}.`, error)
}

function checkRule(rule: TargetRule): void {
  const read = ruleNumber(rule)
  if ('fault' in read) throw new ClientError('bad_target', read.fault)
}

/** `44.99 EUR, 15 % below ...` in words. */
function computed({ target: price, currency, from }: OutputOf<'watches.target'>): string {
  const of = from
    ? `, from the ${from.what} of ${counted(from.days, 'day')}, ${money(from.price, currency)}`
    : ''
  return `${money(price, currency)}${of}`
}

export async function target(context: CommandContext, reference: Reference, price: string): Promise<void> {
  const keeper = await context.keeper()
  const before = await keeper.call('watches.show', reference)
  await context.confirm(`Set the target of watch ${before.id} (${described(before)}) to ${price}?`)
  const saved = await keeper.call('watches.target', { watch: before.id, target: price })
  if (context.isJson) return context.print(JSON.stringify(saved, null, 2))
  context.say(`Watch ${saved.id} ${saved.changed ? 'was changed' : 'is unchanged'}: ${described(saved)}.`)
  hint(context, saved)
}

export async function show(context: CommandContext, reference: Reference): Promise<void> {
  const watch = await (await context.keeper()).call('watches.show', reference)
  if (context.isJson) return context.print(JSON.stringify(watch, null, 2))
  const { currency } = watch
  const lines = [
    ['watch', watch.id],
    ['user', watch.user],
    ['product', `${watch.asin} of amazon.${watch.domain}`],
    ['title', watch.title || '-'],
    ['status', watch.status],
    ...(watch.snoozedUntil === null ? [] : [['snoozed', `until ${watch.snoozedUntil}`]]),
    ['target', money(watch.target, currency)],
    ['now', `${money(watch.price, currency)}${watch.priceAt ? ` at ${watch.priceAt}` : ''}`],
    ['lowest', money(watch.lowest, currency)],
    ...watch.alerts.map(({ at, price, status }) => ['alert', `${at} ${money(price, currency)} ${status}`]),
  ]
  context.print(lines.map(([name = '', value = '']) => `${name.padEnd(8)} ${clean(value)}`).join('\n'))
}

export const pause = (context: CommandContext, reference: Reference): Promise<void> =>
  setStatus(context, reference, { operation: 'watches.pause', verb: 'Pause', done: 'paused' })

export const resume = (context: CommandContext, reference: Reference): Promise<void> =>
  setStatus(context, reference, { operation: 'watches.resume', verb: 'Resume', done: 'active' })

async function setStatus(
  context: CommandContext,
  reference: Reference,
  words: {
    readonly operation: 'watches.pause' | 'watches.resume'
    readonly verb: string
    readonly done: string
  },
): Promise<void> {
  const keeper = await context.keeper()
  const before = await keeper.call('watches.show', reference)
  await context.confirm(`${words.verb} watch ${before.id} (${described(before)}) in ${keeper.title}?`)
  const watch = await keeper.call(words.operation, { watch: before.id })
  if (context.isJson) return context.print(JSON.stringify(watch, null, 2))
  context.say(`Watch ${watch.id} ${watch.changed ? 'is' : 'was already'} ${words.done}: ${described(watch)}.`)
}

export async function snooze(
  context: CommandContext,
  wanted: Reference & { readonly until: string; readonly letTargetThrough?: boolean },
): Promise<void> {
  const watch = await (await context.keeper()).call('watches.snooze', wanted)
  if (context.isJson) return context.print(JSON.stringify(watch, null, 2))
  const but = watch.letsTargetThrough ? ', unless the price is at its target or below' : ''
  context.say(`Watch ${watch.id} tells nothing until ${watch.snoozedUntil}${but}: ${described(watch)}.`)
}

export async function unsnooze(context: CommandContext, reference: Reference): Promise<void> {
  const watch = await (await context.keeper()).call('watches.unsnooze', reference)
  if (context.isJson) return context.print(JSON.stringify(watch, null, 2))
  const state = watch.changed ? 'is no longer snoozed' : 'was not snoozed'
  context.say(`Watch ${watch.id} ${state}: ${described(watch)}.`)
}

export async function remove(context: CommandContext, reference: Reference): Promise<void> {
  const keeper = await context.keeper()
  const watch = await keeper.call('watches.show', reference)
  await context.confirm(`Remove watch ${watch.id} (${described(watch)}) and its alerts from ${keeper.title}?`)
  const removed = await keeper.call('watches.remove', { watch: watch.id })
  if (context.isJson) return context.print(JSON.stringify(removed, null, 2))
  context.say(`Watch ${removed.id} was removed.`)
}

const COLUMNS = ['product', 'domain', 'target', 'status', 'user', 'title']

export async function importFile(context: CommandContext, file: string, user?: string): Promise<void> {
  const rows = await rowsOf(file)
  const keeper = await context.keeper()
  await context.confirm(`Make ${counted(rows.length, 'watch', 'watches')} of ${file} in ${keeper.title}?`)
  const result = await keeper.call('watches.import', { rows, ...(user !== undefined && { user }) })
  if (context.isJson) return context.print(JSON.stringify(result, null, 2))
  const { created, changed, unchanged } = result
  context.say(`${counted(result.rows, 'row')}: ${created} added, ${changed} changed, ${unchanged} unchanged.`)
}

async function rowsOf(file: string): Promise<InputOf<'watches.import'>['rows']> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new ClientError('usage', `${file} cannot be read: ${error.message}.`, error)
  })
  try {
    const { columns, rows } = readCsv(text)
    const product = ['product', 'asin', 'url', 'address'].find((name) => columns.includes(name))
    if (product === undefined) {
      throw new RangeError(
        `line 1: name the columns; one is product, asin or url, others are ${COLUMNS.slice(1)}.`,
      )
    }
    return rows.map(({ line, fields: { domain, target: price, user, status, ...fields } }) => {
      return { line, product: fields[product] ?? '', domain, target: price, user, status }
    })
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ClientError('usage', `${file}, ${error.message} Nothing was imported.`, error)
  }
}

export async function exportAll(context: CommandContext, user?: string): Promise<void> {
  const keeper = await context.keeper()
  const watches = await gather(keeper.rows('watches.list', { user }))
  if (context.isJson) return context.print(JSON.stringify(watches, null, 2))
  const cells = watches.map((watch) => {
    return [watch.asin, watch.domain, watch.target, watch.status, watch.user, clean(watch.title)]
  })
  context.print(writeCsv(COLUMNS, cells))
}

const described = ({ asin, domain, title, target: price, currency, user }: Watch): string => {
  const named = title ? ` ${clean(title)}` : ''
  return `${asin}${named} of amazon.${domain} for ${user}, ${price === null ? 'without a target' : `target ${money(price, currency)}`}`
}

function hint(
  context: CommandContext,
  saved: Pick<OutputOf<'watches.add'>, 'id' | 'currency' | 'hint'>,
): void {
  if (!saved.hint) return
  const { lowest, suggestion } = saved.hint
  context.say(
    `It has never been that cheap: the lowest price so far is ${money(lowest, saved.currency)}. For 5 % above that: keeper watches target ${saved.id} ${suggestion}`,
  )
}
