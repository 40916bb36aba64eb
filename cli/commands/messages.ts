import type { Bytes, ReadRecord } from '../../lambdas/operator/kafka/read-records.ts'
import type { CommandContext } from '../context.ts'
import { clean } from '../output/table.ts'

/** What both commands take. */
export interface Reading {
  readonly from: string
  readonly partition?: number[]
  readonly key?: string
  readonly where?: string
  readonly as: 'pretty' | 'raw' | 'hex'
}

/** What the operator gives at once, where its answer has room: each page costs a second, for joining a group. */
const MOST_OF_A_PAGE = 100_000

export async function read(
  context: CommandContext,
  topic: string,
  { most, ...reading }: Reading & { readonly most?: number },
): Promise<void> {
  const keeper = await context.keeper()
  let shown = 0
  const input = { ...inputOf(topic, reading), most: Math.min(most ?? MOST_OF_A_PAGE, MOST_OF_A_PAGE) }
  // One record after the other, as a topic may hold more than memory does. What fails in between leaves a whole document.
  try {
    for await (const record of keeper.rows('messages.read', input)) {
      if (most !== undefined && shown === most) break
      if (context.isJson) context.print(`${shown > 0 ? ',' : '['}${JSON.stringify(record)}`)
      else context.print(lineOf(record, reading.as))
      shown += 1
    }
  } finally {
    if (context.isJson && shown > 0) context.print(']')
  }
  if (context.isJson && shown === 0) context.print('[]')
  if (!context.isJson) context.say(`${shown} message${shown === 1 ? '' : 's'}`)
}

export async function follow(context: CommandContext, topic: string, reading: Reading): Promise<void> {
  const keeper = await context.keeper()
  context.say(`following ${topic} in ${keeper.title}; Ctrl-C ends it`)
  for await (const record of keeper.rows('messages.read', { ...inputOf(topic, reading), follow: true })) {
    context.print(context.isJson ? JSON.stringify(record) : lineOf(record, reading.as))
  }
}

const inputOf = (topic: string, { from, partition, key, where }: Reading) => ({
  topic,
  from,
  ...(partition && { partitions: partition }),
  ...(key !== undefined && { key }),
  ...(where !== undefined && { where }),
})

/** `time partition:offset key value`, and the headers where there are any. */
function lineOf(
  { partition, offset, timestamp, key, value, headers }: ReadRecord,
  as: Reading['as'],
): string {
  const place = `${new Date(timestamp).toISOString()} ${partition}:${offset}`
  const named = headers.map(({ name, value: held }) => `${clean(name)}=${shown(held, 'raw')}`)
  const tail = named.length > 0 ? ` {${named.join(', ')}}` : ''
  return `${place} ${shown(key, 'raw')} ${shown(value, as)}${tail}`
}

/** Null is not the same as empty: null, and "". */
function shown(bytes: Bytes, as: Reading['as']): string {
  if (bytes === null) return 'null'
  const buffer = 'text' in bytes ? Buffer.from(bytes.text) : Buffer.from(bytes.base64, 'base64')
  if (as === 'hex' || !('text' in bytes)) return buffer.toString('hex')
  if (bytes.text === '') return '""'
  if (as === 'raw') return clean(bytes.text)
  try {
    const pretty = JSON.stringify(JSON.parse(bytes.text), null, 2)
    return `\n${pretty.split('\n').map(clean).join('\n')}`
  } catch {
    return clean(bytes.text)
  }
}
