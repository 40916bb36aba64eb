import type { ActionOutput } from '../../server/actions.ts'
import { useCall } from '../api.ts'
import type { Bytes } from './bytes.tsx'
import { Loaded } from './states.tsx'
import { Time } from './time.tsx'

type Message = ActionOutput<'messages.read'>['rows'][number]

/** What a record became: a row of its product's history, a rejected record, or nothing new. */
export function RecordOutcome({ topic, message }: { readonly topic: string; readonly message: Message }) {
  const { partition, offset, value } = message
  const outcome = useCall('records.rows', { topic, partition, offset, ...productOf(value) })
  return (
    <>
      <h3>What it became</h3>
      <Loaded of={outcome}>
        {({ asin, domain, rows, rejected }) => (
          <ul>
            {rows.map(({ at, price, source }) => (
              <li key={`${at} ${source}`}>
                <a href={`/products/${domain}/${asin}?at=${Date.parse(at) / 1_000}`}>
                  {price === null ? 'not offered' : `price ${price}`}
                </a>{' '}
                from <Time at={at} />
              </li>
            ))}
            {rejected && (
              <li>
                <a href={`/rejected/${rejected.id}`}>rejected</a>: {rejected.reason}
              </li>
            )}
            {rows.length === 0 && !rejected && <li>No row of its own: it told nothing new.</li>}
            {asin !== null && (
              <li>
                <a href={`/products/${domain}/${asin}`}>The history of {asin}</a>
              </li>
            )}
          </ul>
        )}
      </Loaded>
    </>
  )
}

/** The product that a value names: docs/events.md. */
function productOf(value: Bytes): { readonly product?: string; readonly domain?: 'com' } {
  if (value === null || !('text' in value)) return {}
  try {
    const { asin, domain } = JSON.parse(value.text) as { readonly asin?: unknown; readonly domain?: unknown }
    return typeof asin === 'string' && typeof domain === 'string'
      ? { product: asin, domain: domain as 'com' }
      : {}
  } catch {
    return {}
  }
}
