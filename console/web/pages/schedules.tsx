import { call, useCall } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

/** What starts the producers, and when. */
export default function Schedules() {
  const schedules = useCall('schedules.list', {})
  return (
    <>
      <h1>Schedules</h1>
      <Loaded of={schedules} empty="This Keeper has no schedules.">
        {(rows) => (
          <DataTable
            label="Schedules"
            rows={rows}
            keyOf={({ name }) => name}
            href={({ function: each }) => `/functions/${each}`}
            columns={[
              { name: 'Schedule', cell: ({ name }) => name },
              { name: 'When', width: 11, cell: ({ expression }) => expression },
              {
                name: 'State',
                width: 8,
                cell: ({ state }) => <span class={`tag ${state.toLowerCase()}`}>{state.toLowerCase()}</span>,
              },
              { name: 'Next run', width: 20, cell: ({ nextRun }) => <Time at={nextRun} /> },
              {
                name: 'Do',
                width: 16,
                cell: ({ name, state }) => (
                  <>
                    <Act isQuiet work={() => call('schedules.run', { name })} done={schedules.again}>
                      Run now
                    </Act>{' '}
                    <Act
                      isQuiet
                      work={() =>
                        call('schedules.set', { name, state: state === 'ENABLED' ? 'DISABLED' : 'ENABLED' })
                      }
                      done={schedules.again}
                    >
                      {state === 'ENABLED' ? 'Pause' : 'Resume'}
                    </Act>
                  </>
                ),
              },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
