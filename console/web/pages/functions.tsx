import { useRoute } from 'preact-iso'
import { call, useCall } from '../api.ts'
import { Act } from '../parts/act.tsx'
import { FunctionLog } from '../parts/function-log.tsx'
import { LocalInvoke } from '../parts/local-invoke.tsx'
import { Loaded } from '../parts/states.tsx'

/** A function: its log with new lines as they come, and running it. */
export default function Functions() {
  const { name } = useRoute().params
  const functions = useCall('functions.list', {})
  return (
    <>
      <h1>Functions</h1>
      <Loaded of={functions} empty="No function was found: is this version deployed?">
        {(names) => (
          <nav class="choices" aria-label="Functions">
            {names.map((each) => (
              <a
                key={each}
                class="choice"
                href={`/functions/${each}`}
                aria-current={name === each ? 'page' : undefined}
              >
                {each}
              </a>
            ))}
          </nav>
        )}
      </Loaded>
      {name === undefined ? (
        <div class="empty">Choose a function to see its log.</div>
      ) : (
        <div key={name}>
          <Run name={name} />
          <FunctionLog name={name} />
        </div>
      )}
    </>
  )
}

/** What a schedule starts is run as the schedule does; anything is invoked with an event of one's own on this machine alone. */
function Run({ name }: { readonly name: string }) {
  const schedules = useCall('schedules.list', {})
  const about = useCall('console.about', {})
  const own = schedules.value?.filter((schedule) => schedule.function === name) ?? []
  return (
    <>
      {own.length > 0 && (
        <p>
          {own.map((schedule) => (
            <Act key={schedule.name} work={() => call('schedules.run', { name: schedule.name })}>
              {own.length === 1 ? 'Run now' : `Run ${schedule.name} now`}
            </Act>
          ))}
        </p>
      )}
      {about.value?.isLocal && <LocalInvoke name={name} />}
    </>
  )
}
