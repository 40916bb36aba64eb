import { ClientError } from './client-error.ts'
import { invokeAndWait } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { mappingsOfFunction } from './mappings.ts'
import { partNamed, partsOf } from './parts.ts'

/**
 * Invokes a function of a local run with an event of one's own.
 * @param event JSON
 * @throws ClientError `local_only` for a stage: an event that a person wrote would forge prices there
 */
export async function invokeLocally(keeper: Keeper, name: string, event: string): Promise<unknown> {
  if (keeper.stage !== undefined) {
    throw new ClientError(
      'local_only',
      `Functions of ${keeper.title} are not invoked with events that people write: a consumer would store prices that nobody sent. Schedules run producers.`,
    )
  }
  try {
    JSON.parse(event)
  } catch (error) {
    throw new ClientError('input_invalid', `The event is not JSON: ${(error as Error).message}.`, error)
  }
  return invokeAndWait(keeper, partNamed((await partsOf(keeper)).functions, 'function', name), event)
}

/**
 * An event to begin with: for a consumer the newest record of its topic as Lambda delivers it, which it knows already and
 * stores no second time.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html
 */
export async function templateEvent(keeper: Keeper, name: string): Promise<string> {
  const { awsName } = partNamed((await partsOf(keeper)).functions, 'function', name)
  const [mapping] = await mappingsOfFunction(keeper, awsName)
  if (!mapping) return '{}'
  const { topic } = mapping
  const { rows } = await keeper.call('messages.read', { topic, from: '-1', most: 1 })
  const [{ partition, offset, timestamp, key, value } = NO_RECORD] = rows
  const record = {
    ...{ topic, partition, offset: Number(offset), timestamp, timestampType: 'CREATE_TIME' },
    ...{ key: base64Of(key), value: base64Of(value), headers: [] },
  }
  const event = {
    eventSource: 'aws:kafka',
    eventSourceArn:
      'arn:aws:kafka:us-east-1:000000000000:cluster/local/00000000-0000-0000-0000-000000000000-1',
    bootstrapServers: 'localhost:9092',
    records: { [`${topic}-${partition}`]: [record] },
  }
  return JSON.stringify(event, null, 2)
}

type Bytes = { readonly text: string } | { readonly base64: string } | null

/** A topic that is still empty: what is invalid is rejected, and seen among the rejected records. */
const NO_RECORD = { partition: 0, offset: '0', timestamp: 0, key: null, value: { text: '{}' } }

const base64Of = (bytes: Bytes): string | null =>
  bytes === null ? null : 'text' in bytes ? Buffer.from(bytes.text).toString('base64') : bytes.base64
