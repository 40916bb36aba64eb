import { useState } from 'preact/hooks'
import { call, useCall } from '../api.ts'
import { Act } from './act.tsx'
import { type BytesFormat, lineOf, textOf } from './bytes.tsx'
import { Facts } from './facts.tsx'
import { Loaded } from './states.tsx'
import { Time } from './time.tsx'

const FORMATS = ['hex', 'pretty', 'raw'] as const

/** `topic/partition/offset` of each time that the record was rejected before: docs/events.md. */
const REDRIVEN_FROM = 'keeper-redriven-from'

const placeOf = (topic: string, partition: number | string, offset: string) =>
  `/topics/${topic}?partition=${partition}&from=${offset}:${BigInt(offset) + 1n}`

/** A rejected record with its bytes and its past, and the way back to its topic. */
export function RejectedRecord({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const details = useCall('rejected.show', { id })
  const [format, setFormat] = useState<BytesFormat>('hex')
  return (
    <Loaded of={details}>
      {({ topic, partition, offset, group, reason, detail, recordedAt, key, value, headers, ...times }) => (
        <section class="detail" aria-label={`Rejected record ${id}`}>
          <h2>Record {id}</h2>
          <Facts
            of={[
              ['Reason', `${reason}: ${detail}`],
              ['Rejected by', group],
              [
                'Record',
                <a key="record" href={placeOf(topic, partition, offset)}>
                  {topic} {partition}:{offset}
                </a>,
              ],
              ['Its time', <Time key="time" at={recordedAt} />],
              ['Rejected', <Time key="rejected" at={times.rejectedAt} />],
              ['Sent again', <Time key="again" at={times.redrivenAt} />],
              ['Key', <code key="key">{lineOf(key)}</code>],
            ]}
          />
          <History
            places={headers
              .filter(({ name }) => name === REDRIVEN_FROM)
              .map((header) => lineOf(header.value))}
          />
          {headers.map(({ name, value: held }, index) => (
            <p key={`${index}-${name}`}>
              <code>
                {name}: {lineOf(held)}
              </code>
            </p>
          ))}
          <fieldset class="choices">
            <legend class="unseen">Format</legend>
            {FORMATS.map((each) => (
              <label key={each}>
                <input
                  type="radio"
                  name="format"
                  checked={format === each}
                  onChange={() => setFormat(each)}
                />
                {each}
              </label>
            ))}
          </fieldset>
          <pre tabindex={0}>{textOf(value, format)}</pre>
          {times.redrivenAt === null && (
            <Act
              work={() => call('rejected.redrive', { ids: [id] })}
              confirm={`Send record ${id} to ${topic} again?`}
              done={() => {
                details.again()
                onDone()
              }}
            >
              Send again
            </Act>
          )}
        </section>
      )}
    </Loaded>
  )
}

/** Where it was rejected before, the first first. */
const History = ({ places }: { readonly places: readonly string[] }) =>
  places.length === 0 ? null : (
    <>
      <h3>Rejected before</h3>
      <ol>
        {places.map((place) => {
          const [topic = '', partition = '', offset = ''] = place.split('/')
          return (
            <li key={place}>
              {/^\d+$/.test(offset) ? <a href={placeOf(topic, partition, offset)}>{place}</a> : place}
            </li>
          )
        })}
      </ol>
    </>
  )
