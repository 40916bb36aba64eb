import type { ActionOutput } from '../../server/actions.ts'
import { call, useCall, useLive } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

type Run = ActionOutput<'runs.list'>[number]

/** What starts the producers: when, what became of the last run, and running it now. */
export default function Schedules() {
  const schedules = useLive('schedules.list', {}, 5_000)
  const runs = useLive('runs.list', {}, 3_000)
  const runOf = (name: string) => runs.value?.find(({ producer }) => producer === name)
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
              { name: 'When', width: 10, cell: ({ expression }) => expression },
              { name: 'State', width: 7, cell: ({ state }) => <Tag of={state} /> },
              {
                name: 'Do',
                width: 16,
                cell: ({ name, state }) => (
                  <>
                    <Act isQuiet work={() => call('schedules.run', { name })}>
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
              { name: 'Next run', width: 18, cell: ({ nextRun }) => <Time at={nextRun} /> },
              {
                name: 'Last run',
                width: 18,
                cell: (row) => {
                  const run = runOf(row.function)
                  return run === undefined ? '–' : <Time at={run.finishedAt} />
                },
              },
              { name: 'Result', width: 10, cell: (row) => resultOf(runOf(row.function)) },
            ]}
          />
        )}
      </Loaded>
      <FailedRuns />
    </>
  )
}

/** Runs of the notifier and of the maintenance leave no row: their logs say what they did. */
function resultOf(run: Run | undefined): string {
  if (run === undefined) return 'in its log'
  if (run.isRunning) return 'running'
  return run.isIncomplete ? 'to be resumed' : 'complete'
}

function FailedRuns() {
  const failed = useCall('failed-runs.list', {})
  return (
    <>
      <h2>Failed runs</h2>
      <Loaded of={failed} empty="No run failed for good, and none could not be started.">
        {(rows) => (
          <DataTable
            label="Failed runs"
            rows={rows}
            keyOf={({ id }) => id}
            href={({ function: each }) => `/functions/${each}`}
            columns={[
              { name: 'Function', width: 12, cell: (row) => row.function },
              { name: 'Given up', width: 18, cell: ({ at }) => <Time at={at} /> },
              { name: 'Error', cell: ({ error }) => error },
            ]}
          />
        )}
      </Loaded>
    </>
  )
}
