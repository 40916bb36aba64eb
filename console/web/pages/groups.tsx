import { useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { call, useCall, useLive } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { counted } from '../parts/counted.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

/** Consumer groups, and a wizard that lets one read again. */
export default function Groups() {
  const groups = useLive('groups.list', {}, 5_000)
  const { group } = useRoute().params
  return (
    <>
      <h1>Groups</h1>
      <Loaded of={groups} empty="No group has read anything yet.">
        {(rows) => (
          <DataTable
            label="Groups"
            rows={rows}
            keyOf={(row) => row.group}
            href={(row) => `/groups/${encodeURIComponent(row.group)}`}
            columns={[
              { name: 'Group', cell: (row) => row.group },
              { name: 'State', width: 10, cell: ({ state }) => state },
              { name: 'Members', width: 8, cell: ({ members }) => members, align: 'right' },
            ]}
          />
        )}
      </Loaded>
      {group !== undefined && <Group key={group} group={group} />}
    </>
  )
}

function Group({ group }: { readonly group: string }) {
  const described = useLive('groups.describe', { group }, 5_000)
  return (
    <section class="detail" aria-label={group}>
      <h2>{group}</h2>
      <Loaded of={described}>
        {({ state, partitions }) => (
          <>
            <p class="soft">
              {`${state}, ${counted(
                partitions.reduce((sum, { lag }) => sum + (lag ?? 0), 0),
                'record',
              )} behind`}
            </p>
            <DataTable
              label="Partitions"
              rows={partitions}
              keyOf={({ topic, partition }) => `${topic}-${partition}`}
              href={({ topic, partition }) => `/topics/${topic}?partition=${partition}`}
              columns={[
                { name: 'Topic', cell: ({ topic }) => topic },
                { name: 'Partition', width: 7, cell: ({ partition }) => partition, align: 'right' },
                { name: 'Committed', width: 9, cell: ({ committed }) => committed ?? '–', align: 'right' },
                { name: 'End', width: 9, cell: ({ end }) => end, align: 'right' },
                { name: 'Lag', width: 8, cell: ({ lag }) => lag ?? '–', align: 'right' },
                {
                  name: 'Unread since',
                  width: 18,
                  cell: ({ unreadSince }) => (unreadSince === null ? '–' : <Time at={unreadSince} />),
                },
                { name: 'Member', width: 18, cell: ({ member }) => member ?? '–' },
              ]}
            />
          </>
        )}
      </Loaded>
      <Reset group={group} onDone={described.again} />
    </section>
  )
}

const PLACES = [
  ['@-1h', 'an hour ago'],
  ['@-24h', 'yesterday'],
  ['start', 'the start'],
  ['end', 'the end (skips)'],
] as const

/** Where to, what that does, and then doing it. */
function Reset({ group, onDone }: { readonly group: string; readonly onDone: () => void }) {
  const [wanted, setWanted] = useState<Wanted>()
  return (
    <details>
      <summary>Read again from another place</summary>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault()
          const given = new FormData(event.currentTarget as HTMLFormElement)
          const partition = String(given.get('partition') ?? '')
          setWanted({
            to: String(given.get('to') ?? ''),
            ...(partition !== '' && {
              partitions: partition
                .split(/[\s,]+/)
                .filter(Boolean)
                .map(Number),
            }),
          })
        }}
      >
        <label class="grows">
          To
          <input
            name="to"
            list="places"
            required
            placeholder="start, end, 4711, -100, @-1h, @2026-02-20T12:00:00Z"
          />
          <datalist id="places">
            {PLACES.map(([place, name]) => (
              <option key={place} value={place}>
                {name}
              </option>
            ))}
          </datalist>
        </label>
        <label>
          Partitions
          <input name="partition" size={6} placeholder="all" pattern="[0-9 ,]*" />
        </label>
        <button type="submit" class="quiet">
          Preview
        </button>
      </form>
      {wanted && <Preview key={JSON.stringify(wanted)} group={group} wanted={wanted} onDone={onDone} />}
    </details>
  )
}

interface Wanted {
  readonly to: string
  readonly partitions?: number[]
}

function Preview({
  group,
  wanted,
  onDone,
}: {
  readonly group: string
  readonly wanted: Wanted
  readonly onDone: () => void
}) {
  const preview = useCall('groups.preview', { group, ...wanted })
  const [done, setDone] = useState<ActionOutput<'groups.replay'>>()
  return (
    <Loaded of={preview} empty="The group has no partitions.">
      {(changes) => {
        const total = changes.reduce((sum, { redelivered }) => sum + redelivered, 0)
        const effect =
          total < 0 ? `skips ${counted(-total, 'record')}` : `delivers ${counted(total, 'record')} again`
        return (
          <>
            <DataTable
              label="What would change"
              rows={changes}
              keyOf={({ topic, partition }) => `${topic}-${partition}`}
              columns={[
                { name: 'Topic', cell: ({ topic }) => topic },
                { name: 'Partition', width: 7, cell: ({ partition }) => partition, align: 'right' },
                { name: 'Old', width: 9, cell: ({ old }) => old ?? '–', align: 'right' },
                { name: 'New', width: 9, cell: (change) => change.new, align: 'right' },
                { name: 'Delivered again', width: 9, cell: ({ redelivered }) => redelivered, align: 'right' },
              ]}
            />
            <p>
              It {effect}. The mapping is disabled meanwhile; a replay adds no price and raises no alert
              twice.
            </p>
            <Act
              work={async () => setDone(await call('groups.replay', { group, ...wanted }))}
              confirm={`Reset ${group}? It ${effect}.`}
              done={() => {
                preview.again()
                onDone()
              }}
            >
              Reset
            </Act>
            {done?.leftDisabled.map(({ uuid }) => (
              <p key={uuid} role="status">
                The mapping {uuid} was disabled before, and stays so.
              </p>
            ))}
          </>
        )
      }}
    </Loaded>
  )
}
