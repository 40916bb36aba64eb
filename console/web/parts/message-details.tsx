import { useState } from 'preact/hooks'
import type { ActionOutput } from '../../server/actions.ts'
import { type BytesFormat, lineOf, textOf } from './bytes.tsx'
import { RecordOutcome } from './record-outcome.tsx'
import { Time } from './time.tsx'

type Message = ActionOutput<'messages.read'>['rows'][number]

/** A message with its headers and bytes, and what it became. */
export function MessageDetails({ topic, message }: { readonly topic: string; readonly message: Message }) {
  const [format, setFormat] = useState<BytesFormat>('pretty')
  const { partition, offset, headers, key, value, timestamp } = message
  const link = `/topics/${topic}?partition=${partition}&from=${offset}:${BigInt(offset) + 1n}`
  return (
    <section class="detail" aria-label="Message">
      <h2>
        <a href={link}>
          {partition}:{offset}
        </a>
      </h2>
      <p>
        <Time at={timestamp} /> key <code>{lineOf(key)}</code>
      </p>
      {headers.length > 0 && (
        <ul>
          {headers.map(({ name, value: held }, index) => (
            <li key={`${index}-${name}`}>
              <code>
                {name}: {lineOf(held)}
              </code>
            </li>
          ))}
        </ul>
      )}
      <div class="line">
        <fieldset class="choices">
          <legend class="unseen">Format</legend>
          {(['pretty', 'raw', 'hex'] as const).map((each) => (
            <label key={each}>
              <input type="radio" name="format" checked={format === each} onChange={() => setFormat(each)} />
              {each}
            </label>
          ))}
        </fieldset>
        <button
          type="button"
          class="quiet"
          onClick={() => navigator.clipboard.writeText(JSON.stringify(message, null, 2))}
        >
          Copy with key and headers
        </button>
      </div>
      <pre tabindex={0}>{textOf(value, format)}</pre>
      <RecordOutcome topic={topic} message={message} />
    </section>
  )
}
