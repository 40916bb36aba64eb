import { ClientError } from '../../client/client-error.ts'
import type { Keeper, OutputOf } from '../../client/keeper.ts'
import type { CommandContext } from '../context.ts'
import { type Bytes, bufferOf, hexdump } from '../output/bytes.ts'
import { gather } from '../output/gather.ts'
import { counted } from '../output/plural.ts'
import { clean, table } from '../output/table.ts'

export async function list(
  context: CommandContext,
  {
    most,
    ...filter
  }: {
    readonly reason?: string
    readonly topic?: string
    readonly group?: string
    readonly open?: boolean
    readonly most: number
  },
): Promise<void> {
  const keeper = await context.keeper()
  const found = await gather(keeper.rows('rejected.list', filter), most + 1)
  const shown = found.slice(0, most)
  if (context.isJson) return context.print(JSON.stringify(shown, null, 2))
  if (shown.length === 0) return context.say('No such record was rejected.')
  const groups = new Set(shown.map(({ group }) => group))
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => id, align: 'right' },
        { name: 'ORIGIN', cell: ({ topic, partition, offset }) => `${topic}/${partition}/${offset}` },
        ...(groups.size > 1 ? [{ name: 'GROUP', cell: ({ group }: { group: string }) => group }] : []),
        { name: 'REASON', cell: ({ reason }) => reason },
        { name: 'DETAIL', cell: ({ detail }) => detail, shrinks: true },
        { name: 'REJECTED', cell: ({ rejectedAt }) => rejectedAt },
        { name: 'REDRIVEN', cell: ({ redrivenAt }) => redrivenAt },
      ],
      shown,
      context.width,
    ),
  )
  if (found.length > most) context.say(`The newest ${most}; -n shows more.`)
}

export async function show(context: CommandContext, id: string): Promise<void> {
  const record = await (await context.keeper()).call('rejected.show', { id })
  if (context.isJson) return context.print(JSON.stringify(record, null, 2))
  const lines = [
    ['id', record.id],
    ['origin', `${record.topic}/${record.partition}/${record.offset} (topic/partition/offset)`],
    ['group', record.group],
    ['reason', `${record.reason}: ${record.detail}`],
    ['rejected', record.rejectedAt],
    ['redriven', record.redrivenAt ?? 'never'],
    ['time', record.recordedAt ?? '-'],
    ['key', inline(record.key)],
    ...record.headers.map(({ name, value }) => ['header', `${name}=${inline(value)}`]),
  ]
  context.print(lines.map(([name = '', value = '']) => `${name.padEnd(9)} ${clean(value)}`).join('\n'))
  if (record.value === null) return context.print('value     null')
  const bytes = bufferOf(record.value)
  if ('text' in record.value) context.print(`value     ${clean(record.value.text)}`)
  context.print(`${bytes.length} bytes\n${hexdump(bytes)}`)
}

const inline = (bytes: Bytes): string => {
  if (bytes === null) return 'null'
  return 'text' in bytes ? bytes.text || '""' : `0x${bufferOf(bytes).toString('hex')}`
}

/** Which records: these, those of a reason, or all. */
export interface Choice {
  readonly ids?: string[]
  readonly reason?: string
  readonly all?: boolean
}

export async function count(context: CommandContext, choice: Choice): Promise<void> {
  const found = await candidates(await context.keeper(), choice)
  if (context.isJson) return context.print(JSON.stringify(found, null, 2))
  if (found.groups.length > 0) {
    context.print(
      table(
        [
          { name: 'TOPIC', cell: ({ topic }) => topic, shrinks: true },
          { name: 'REASON', cell: ({ reason }) => reason },
          { name: 'RECORDS', cell: ({ records }) => records, align: 'right' },
        ],
        found.groups,
        context.width,
      ),
    )
  }
  context.say(`${counted(found.records, 'record')} would be sent again${before(found)}.`)
}

export async function redrive(context: CommandContext, choice: Choice): Promise<void> {
  const keeper = await context.keeper()
  const found = await candidates(keeper, choice)
  if (found.records > 0) {
    await context.confirm(
      `Send ${counted(found.records, 'record')} again, each to its topic in ${keeper.title}?`,
    )
  }
  const total = { sent: 0, notSent: [] as OutputOf<'rejected.redrive'>['notSent'][number][] }
  let cursor: string | null = null
  do {
    const input = { ...choice, ...(cursor !== null && { cursor }) }
    const part: OutputOf<'rejected.redrive'> = await keeper
      .call('rejected.redrive', input)
      .catch((error: unknown) => {
        throw cutShort(error, total.sent)
      })
    total.sent += part.sent
    total.notSent.push(...part.notSent)
    cursor = part.next
    if (cursor !== null && found.records > 500) context.say(`${total.sent} of ${found.records} sent`)
  } while (cursor !== null)
  const result = { ...total, alreadyRedriven: found.alreadyRedriven }
  if (context.isJson) context.print(JSON.stringify(result, null, 2))
  else context.say(`${counted(total.sent, 'record')} sent again${before(found)}.`)
  if (total.notSent.length === 0) return
  const reasons = total.notSent.map(({ id, reason }) => `${id}: ${clean(reason)}`).join('\n')
  throw new ClientError('not_sent', `${counted(total.notSent.length, 'record')} not sent:\n${reasons}`)
}

const candidates = (keeper: Keeper, choice: Choice) => keeper.call('rejected.candidates', choice)

const before = ({ alreadyRedriven }: { readonly alreadyRedriven: number }): string =>
  alreadyRedriven === 0 ? '' : `; ${alreadyRedriven} redriven before, left alone`

/** A request that fails half-way may have sent records that are not marked: sent once more they are the same records. */
function cutShort(error: unknown, sent: number): unknown {
  if (!(error instanceof ClientError)) return error
  const message = `${error.message}\nBefore that, ${counted(sent, 'record')} sent again. Repeat the command for the rest; a few records may be sent twice, which is harmless.`
  return new ClientError(error.code, message, error)
}
