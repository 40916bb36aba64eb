import { useRoute } from 'preact-iso'
import { useCall, useLive } from '../api.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

/** The alarms of the template, those that ring first, and the history of each. */
export default function Alarms() {
  const alarms = useLive('alarms.list', {}, 5_000)
  const { name } = useRoute().params
  return (
    <>
      <h1>Alarms</h1>
      <Loaded of={alarms} empty="This Keeper has no alarms.">
        {(rows) => (
          <DataTable
            label="Alarms"
            rows={rows}
            keyOf={(row) => row.name}
            href={(row) => `/alarms/${encodeURIComponent(row.name)}`}
            columns={[
              { name: 'Alarm', width: 16, cell: (row) => row.name },
              {
                name: 'State',
                width: 9,
                cell: ({ state }) => <Tag of={state} />,
              },
              { name: 'Since', width: 18, cell: ({ since }) => <Time at={since} /> },
              { name: 'Reason', cell: ({ reason, description }) => reason || description },
            ]}
          />
        )}
      </Loaded>
      {name !== undefined && (
        <section class="detail" aria-label={name} key={name}>
          <h2>{name}</h2>
          {alarms.value
            ?.filter((alarm) => alarm.name === name)
            .map(({ description, runbook }) => (
              <p key="about">
                {description} {runbook && <a href={runbook}>What to do</a>}
              </p>
            ))}
          <History name={name} />
        </section>
      )}
    </>
  )
}

function History({ name }: { readonly name: string }) {
  const history = useCall('alarms.history', { name })
  return (
    <Loaded of={history} empty="Its state has not changed yet.">
      {(rows) => (
        <DataTable
          label="Changes of state"
          rows={rows}
          keyOf={({ at, to }) => `${at}${to}`}
          columns={[
            { name: 'Time', width: 18, cell: ({ at }) => <Time at={at} /> },
            { name: 'From', width: 12, cell: ({ from }) => from },
            { name: 'To', width: 12, cell: ({ to }) => to },
            { name: 'Reason', cell: ({ reason }) => reason },
          ]}
        />
      )}
    </Loaded>
  )
}
