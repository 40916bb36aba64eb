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

export async function read(
  context: CommandContext,
  topic: string,
  { most, ...reading }: Reading & { readonly most?: number },
): Promise<void> {
  const keeper = await context.keeper()
  const records: ReadRecord[] = []
  let shown = 0
  const input = { ...inputOf(topic, reading), ...(most !== undefined && { most: Math.min(most, 1_000) }) }
  for await (const record of keeper.rows('messages.read', input)) {
    if (most !== undefined && shown === most) break
    shown += 1
    if (context.isJson) records.push(record)
    else context.print(lineOf(record, reading.as))
  }
  if (context.isJson) context.print(JSON.stringify(records, null, 2))
  else context.say(`${shown} message${shown === 1 ? '' : 's'}`)
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
    return `\n${JSON.stringify(JSON.parse(bytes.text), null, 2)}`
  } catch {
    return clean(bytes.text)
  }
}
