import { useState } from 'preact/hooks'
import { useLocation, useRoute } from 'preact-iso'
import { call, useCall, useRows } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { counted } from '../parts/counted.ts'
import { DataTable } from '../parts/data-table.tsx'
import { RejectedRecord } from '../parts/rejected-record.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'
import { toggled } from '../parts/toggled.ts'

/** Records that could not be stored, with their bytes, and the way back to their topic. */
export default function Rejected() {
  const { params, query } = useRoute()
  const { route } = useLocation()
  const reason = query.reason || undefined
  const isOpen = query.all !== 'yes'
  const rejected = useRows('rejected.list', { open: isOpen, ...(reason && { reason }) })
  const candidates = useCall('rejected.candidates', { all: true })
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set())
  const again = () => {
    setIds(new Set())
    rejected.again()
    candidates.again()
  }
  const address = (id: string, wanted = { reason, isOpen }) => {
    const search = new URLSearchParams({
      ...(wanted.reason && { reason: wanted.reason }),
      ...(!wanted.isOpen && { all: 'yes' }),
    })
    return `/rejected${id && `/${id}`}${search.size > 0 ? `?${search}` : ''}`
  }
  const reasons = [...new Set(candidates.value?.groups.map((group) => group.reason))]
  if (reason && !reasons.includes(reason)) reasons.push(reason)
  return (
    <>
      <h1>Rejected records</h1>
      <div class="line">
        <label>
          Reason
          <select
            value={reason ?? ''}
            onChange={({ currentTarget }) =>
              route(address('', { reason: currentTarget.value || undefined, isOpen }))
            }
          >
            <option value="">all</option>
            {reasons.map((each) => (
              <option key={each}>{each}</option>
            ))}
          </select>
        </label>
        <label class="switch">
          <input
            type="checkbox"
            checked={isOpen}
            onChange={() => route(address('', { reason, isOpen: !isOpen }))}
          />{' '}
          without those sent again
        </label>
        <Redrive key={`${reason} ${[...ids]}`} chosen={chosenBy(ids, reason)} onDone={again} />
      </div>
      <Loaded of={rejected} empty="Nothing is rejected here: every record that was delivered is stored.">
        {(rows) => (
          <DataTable
            label="Rejected records"
            rows={rows}
            keyOf={(row) => row.id}
            href={({ id }) => address(id)}
            select={{
              isChosen: ({ id }) => ids.has(id),
              toggle: ({ id }) => setIds(toggled(ids, id)),
              nameOf: ({ id }) => `Record ${id}`,
            }}
            columns={[
              { name: 'Reason', width: 12, cell: (row) => row.reason },
              { name: 'Detail', cell: ({ detail }) => detail },
              {
                name: 'Record',
                width: 14,
                cell: ({ topic, partition, offset }) => `${topic} ${partition}:${offset}`,
              },
              { name: 'Rejected', width: 18, cell: ({ rejectedAt }) => <Time at={rejectedAt} /> },
              { name: 'Sent again', width: 18, cell: ({ redrivenAt }) => <Time at={redrivenAt} /> },
            ]}
          />
        )}
      </Loaded>
      {params.id !== undefined && <RejectedRecord key={params.id} id={params.id} onDone={again} />}
    </>
  )
}

type Chosen = { readonly all: true } | { readonly reason: string } | { readonly ids: string[] }

/** The rows that are ticked; where none is, those of the reason that is looked at, or all. */
function chosenBy(ids: ReadonlySet<string>, reason: string | undefined): Chosen {
  if (ids.size > 0) return { ids: [...ids] }
  return reason === undefined ? { all: true } : { reason }
}

/** A dry run first: what would be sent, by topic and reason. */
function Redrive({ chosen, onDone }: { readonly chosen: Chosen; readonly onDone: () => void }) {
  const candidates = useCall('rejected.candidates', chosen)
  const { records: count = 0, groups = [] } = candidates.value ?? {}
  if (count === 0) return null
  const sent = count === 1 ? '1 record' : `${'all' in chosen ? 'all' : 'these'} ${count.toLocaleString()}`
  const what = groups.map((each) => `${each.records} of ${each.topic} (${each.reason})`).join(', ')
  return (
    <Act
      work={() => redrive(chosen)}
      confirm={`Send ${counted(count, 'record')} to ${count === 1 ? 'its topic' : 'their topics'} again: ${what}?`}
      done={() => {
        candidates.again()
        onDone()
      }}
    >
      Send {sent} again
    </Act>
  )
}

/** @throws CallFailed or Error with why some were not sent */
async function redrive(chosen: Chosen): Promise<void> {
  const left: { readonly id: string; readonly reason: string }[] = []
  let cursor: string | null = null
  do {
    const sent: Sent = await call('rejected.redrive', { ...chosen, ...(cursor && { cursor }) })
    left.push(...sent.notSent)
    cursor = sent.next
  } while (cursor)
  const [first] = left
  if (first)
    throw new Error(
      `${left.length} ${left.length === 1 ? 'was' : 'were'} not sent; record ${first.id}: ${first.reason}`,
    )
}

interface Sent {
  readonly next: string | null
  readonly notSent: readonly { readonly id: string; readonly reason: string }[]
}
