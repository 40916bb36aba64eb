import type { ActionOutput } from '../../server/actions.ts'
import { useLive } from '../api.ts'
import { counted } from '../parts/counted.ts'
import { Flow } from '../parts/flow.tsx'
import { PartOf } from '../parts/part-of.tsx'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Status = ActionOutput<'status.read'>

const EVERY_MS = 3_000

/** The flow of events as it is now, alarms first. */
export default function Overview() {
  const status = useLive('status.read', {}, EVERY_MS)
  const schedules = useLive('schedules.list', {}, 10_000)
  const topics = useLive('topics.list', {}, EVERY_MS)
  return (
    <>
      <h1>Overview</h1>
      <Loaded of={status}>
        {(now) => (
          <>
            <Alarms alarms={now.alarms} again={status.again} />
            <Flow status={now} schedules={schedules} topics={topics.value ?? []} again={status.again} />
            <Waiting database={now.database} again={status.again} />
          </>
        )}
      </Loaded>
    </>
  )
}

const Alarms = ({ alarms, again }: { readonly alarms: Status['alarms']; readonly again: () => void }) => (
  <PartOf of={alarms} again={again}>
    {(ringing) =>
      ringing.length === 0 ? (
        <p class="good">No alarm is on.</p>
      ) : (
        <ul class="plain">
          {ringing.map(({ name, description, since }) => (
            <li key={name}>
              <div class="failed" role="alert">
                <span>
                  <strong>{name}</strong> since <Time at={since} />
                  <br />
                  {description}
                </span>
                <a href="/alarms">Alarms</a>
              </div>
            </li>
          ))}
        </ul>
      )
    }
  </PartOf>
)

const Waiting = ({
  database,
  again,
}: {
  readonly database: Status['database']
  readonly again: () => void
}) => (
  <PartOf of={database} again={again}>
    {({ rejectedOpen, alertsPending }) => (
      <p>
        <a href="/rejected">{counted(rejectedOpen, 'rejected record')}</a>{' '}
        {rejectedOpen === 1 ? 'waits' : 'wait'} for a look,{' '}
        <a href="/alerts">{counted(alertsPending, 'alert')}</a> to be told.
      </p>
    )}
  </PartOf>
)
