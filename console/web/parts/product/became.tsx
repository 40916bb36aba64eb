import type { ActionInput } from '../../../server/actions.ts'
import { useCall } from '../../api.ts'
import type { Bytes } from '../bytes.tsx'
import { Time } from '../time.tsx'

interface RecordPlace {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly value: Bytes
}

/** What a record made: rows of its product's history, or a rejected record. */
export function Became({ topic, partition, offset, value }: RecordPlace) {
  const outcome = useCall('records.rows', { topic, partition, offset, ...productIn(value) })
  if (!outcome.value) return <p class="soft">{outcome.error?.message ?? 'Looking for what it became'}</p>
  const { asin, domain, rows, rejected } = outcome.value
  return (
    <ul class="plain">
      {rows.map(({ at, price, source, flag }) => (
        <li key={`${at} ${source} ${price}`}>
          It made the row <strong>{price ?? 'not offered'}</strong> of{' '}
          <a href={`/products/${domain}/${asin}?at=${Date.parse(at) / 1_000}`}>
            {asin} on amazon.{domain}
          </a>
          , <Time at={at} />
          {flag && `, ${flag === 'history' ? 'imported' : flag.replace('_', ' ')}`}
        </li>
      ))}
      {rejected && (
        <li>
          It is among the <a href="/rejected">rejected records</a>: {rejected.reason}
        </li>
      )}
      {rows.length === 0 && !rejected && (
        <li class="soft">
          It made no row
          {asin
            ? ': the same price of that time was there already, or it is not read yet.'
            : ' of a watched product.'}
        </li>
      )}
    </ul>
  )
}

/** The product that a value names, as events do (docs/events.md). */
function productIn(value: Bytes): Pick<ActionInput<'records.rows'>, 'product' | 'domain'> {
  if (value === null || !('text' in value)) return {}
  try {
    const { asin, domain } = JSON.parse(value.text)
    return /^[A-Z0-9]{10}$/.test(asin) && /^[a-z.]{2,6}$/.test(domain) ? { product: asin, domain } : {}
  } catch {
    return {}
  }
}
