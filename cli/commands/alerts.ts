import type { InputOf, OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { gather } from '../output/gather.ts'
import { money } from '../output/money.ts'
import { type Column, clean, table } from '../output/table.ts'

export interface AlertsOptions {
  readonly status?: string
  readonly user?: string
  readonly most: number
}

/** Left out where all are one person's. */
const USER: Column<OutputOf<'alerts.show'>> = { name: 'USER', cell: ({ user }) => user }

export async function list(context: CommandContext, { most, user, ...given }: AlertsOptions): Promise<void> {
  const keeper = await context.keeper()
  const status = given.status?.toUpperCase() as InputOf<'alerts.list'>['status']
  const found = await gather(keeper.rows('alerts.list', { user, status }), most + 1)
  const shown = found.slice(0, most)
  if (context.isJson) return context.print(JSON.stringify(shown, null, 2))
  if (shown.length === 0) return context.say('There are no such alerts.')
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id, align: 'right' },
        { name: 'AT', cell: ({ triggeredAt }) => triggeredAt },
        { name: 'ASIN', cell: ({ asin }) => asin },
        { name: 'TITLE', cell: ({ title }) => title, shrinks: true },
        { name: 'PRICE', cell: ({ price, currency }) => money(price, currency), align: 'right' },
        { name: 'TARGET', cell: ({ target }) => target, align: 'right' },
        { name: 'STATUS', cell: ({ status: held }) => held },
        ...(new Set(shown.map((alert) => alert.user)).size > 1 ? [USER] : []),
      ],
      shown,
      context.width,
    ),
  )
  if (found.length > most) context.say(`The newest ${most}; -n shows more.`)
}

export async function show(context: CommandContext, id: string): Promise<void> {
  const alert = await (await context.keeper()).call('alerts.show', { id })
  if (context.isJson) return context.print(JSON.stringify(alert, null, 2))
  const { currency } = alert
  const lines = [
    ['alert', alert.id],
    ['user', alert.user],
    ['watch', alert.watch],
    ['product', `${alert.asin} of amazon.${alert.domain}`],
    ['title', alert.title || '-'],
    ['price', money(alert.price, currency)],
    ['target', money(alert.target, currency)],
    ['before', money(alert.previous, currency)],
    ['at', alert.triggeredAt],
    ['status', alert.status],
    ...(alert.reason ? [['reason', alert.reason]] : []),
    ['message', alert.message ?? '-'],
    ['sent', alert.sentAt ? `${alert.sentAt} by ${alert.channel}` : '-'],
  ]
  context.print(lines.map(([name = '', value = '']) => `${name.padEnd(8)} ${clean(value)}`).join('\n'))
}
