import { useState } from 'preact/hooks'
import { call, useCall, useRows } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { lineOf, textOf } from '../parts/bytes.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { Facts } from '../parts/facts.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

/** Records that could not be stored, with their bytes, and the way back to their topic. */
export default function Rejected() {
  const [isOpen, setOpen] = useState(true)
  const rejected = useRows('rejected.list', { open: isOpen })
  const [id, setId] = useState<string>()
  return (
    <>
      <h1>Rejected records</h1>
      <div class="line">
        <label class="switch">
          <input type="checkbox" checked={isOpen} onChange={() => setOpen(!isOpen)} /> without those sent
          again
        </label>
        <RedriveAll onDone={rejected.again} />
      </div>
      <Loaded of={rejected} empty="Nothing was rejected: every record that was delivered is stored.">
        {(rows) => (
          <DataTable
            label="Rejected records"
            rows={rows}
            keyOf={(row) => row.id}
            onOpen={(row) => setId(row.id)}
            columns={[
              { name: 'Reason', width: 12, cell: ({ reason }) => reason },
              { name: 'Detail', cell: ({ detail }) => detail },
              {
                name: 'Record',
                width: 14,
                cell: ({ topic, partition, offset }) => `${topic} ${partition}:${offset}`,
              },
              { name: 'Rejected', width: 20, cell: ({ rejectedAt }) => <Time at={rejectedAt} /> },
              { name: 'Sent again', width: 20, cell: ({ redrivenAt }) => <Time at={redrivenAt} /> },
            ]}
          />
        )}
      </Loaded>
      {id !== undefined && <Details key={id} id={id} onDone={rejected.again} />}
    </>
  )
}

/** A dry run first: what would be sent, by topic and reason. */
function RedriveAll({ onDone }: { readonly onDone: () => void }) {
  const candidates = useCall('rejected.candidates', { all: true })
  const count = candidates.value?.records ?? 0
  if (count === 0) return null
  const groups = candidates.value?.groups ?? []
  const what = groups.map(({ topic, reason, records }) => `${records} of ${topic} (${reason})`).join(', ')
  return (
    <Act
      work={() => redriveAll()}
      confirm={`Send ${count} records again: ${what}?`}
      done={() => {
        candidates.again()
        onDone()
      }}
    >
      Send all {count} again
    </Act>
  )
}

async function redriveAll(): Promise<void> {
  let cursor: string | null = null
  do {
    const sent: { readonly next: string | null } = await call('rejected.redrive', {
      all: true,
      ...(cursor && { cursor }),
    })
    cursor = sent.next
  } while (cursor)
}

function Details({ id, onDone }: { readonly id: string; readonly onDone: () => void }) {
  const details = useCall('rejected.show', { id })
  return (
    <Loaded of={details}>
      {({ topic, partition, offset, group, reason, detail, recordedAt, key, value, headers, redrivenAt }) => (
        <section aria-label={`Rejected record ${id}`}>
          <h2>Record {id}</h2>
          <Facts
            of={[
              ['Reason', `${reason}: ${detail}`],
              ['Rejected by', group],
              [
                'Record',
                <a
                  key="record"
                  href={`/topics/${topic}?partition=${partition}&from=${offset}:${BigInt(offset) + 1n}`}
                >
                  {topic} {partition}:{offset}
                </a>,
              ],
              ['Its time', <Time key="time" at={recordedAt} />],
              ['Key', <code key="key">{lineOf(key)}</code>],
            ]}
          />
          {headers.map(({ name, value: held }, index) => (
            <p key={`${index}-${name}`}>
              <code>
                {name}: {lineOf(held)}
              </code>
            </p>
          ))}
          <pre tabindex={0}>{textOf(value, 'hex')}</pre>
          {redrivenAt === null && (
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
