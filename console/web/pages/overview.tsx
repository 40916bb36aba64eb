import type { ComponentChildren } from 'preact'
import type { ActionOutput } from '../../server/actions.ts'
import { type Shown, useLive } from '../api.ts'
import { Failed, Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Status = ActionOutput<'status.read'>
type Part<Name extends keyof Status> = Extract<Status[Name], { value: unknown }>['value']

const EVERY_MS = 3_000

/** The flow of events as it is now, alarms first. */
export default function Overview() {
  const status = useLive('status.read', {}, EVERY_MS)
  const schedules = useLive('schedules.list', {}, 10_000)
  return (
    <>
      <h1>Overview</h1>
      <Loaded of={status}>
        {(now) => (
          <>
            <Alarms alarms={now.alarms} again={status.again} />
            <Flow status={now} schedules={schedules} again={status.again} />
            <Waiting database={now.database} again={status.again} />
          </>
        )}
      </Loaded>
    </>
  )
}

/** A part of the status, or why it could not be read. */
function PartOf<Value>({
  of,
  again,
  children,
}: {
  readonly of:
    | { readonly value: Value }
    | { readonly error: { readonly code: string; readonly message: string } }
  readonly again: () => void
  readonly children: (value: Value) => ComponentChildren
}) {
  if ('value' in of) return <>{children(of.value)}</>
  return <Failed error={of.error} again={again} />
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

type Producer = Part<'database'>['runs'][number]

/** Schedules, producers, topics, mappings, consumers and tables, from left to right. */
function Flow({
  status,
  schedules,
  again,
}: {
  readonly status: Status
  readonly schedules: Shown<ActionOutput<'schedules.list'>>
  readonly again: () => void
}) {
  const runs = 'value' in status.database ? status.database.value.runs : []
  const mappings = 'value' in status.mappings ? status.mappings.value : []
  return (
    <div class="flow">
      <Step title="Schedules">
        <Loaded of={schedules} empty="none">
          {(rows) =>
            rows.map(({ name, state, nextRun, function: producer }) => (
              <Box key={name} href="/schedules" title={name} isOff={state !== 'ENABLED'}>
                {state === 'ENABLED' ? (
                  <>
                    next <Time at={nextRun} />
                  </>
                ) : (
                  'paused'
                )}
                <LastRun run={runs.find((run) => run.producer === producer)} />
              </Box>
            ))
          }
        </Loaded>
      </Step>
      <PartOf of={status.consumers} again={again}>
        {(consumers) => (
          <>
            <Step title="Topics">
              {consumers.map(({ topic, lag }) => (
                <Box key={topic} href={`/topics/${topic}`} title={topic}>
                  {lag.toLocaleString()} not read yet
                </Box>
              ))}
            </Step>
            <Step title="Consumers">
              {consumers.map(({ consumer, group, topic, members }) => {
                const mapping = mappings.find((each) => each.group === group && each.topic === topic)
                return (
                  <Box
                    key={consumer}
                    href={`/functions/${consumer}`}
                    title={consumer}
                    isOff={mapping !== undefined && mapping.state !== 'Enabled'}
                  >
                    mapping {mapping?.state.toLowerCase() ?? 'not found'}
                    <br />
                    {members.length} members of <a href="/groups">{group}</a>
                  </Box>
                )
              })}
            </Step>
          </>
        )}
      </PartOf>
      <Step title="Tables">
        <PartOf of={status.database} again={again}>
          {({ newestPrice, newestDeal }) => (
            <>
              <Box href="/watches" title="price_history">
                newest <Time at={newestPrice} />
              </Box>
              <Box href="/deals" title="deals">
                newest <Time at={newestDeal} />
              </Box>
            </>
          )}
        </PartOf>
      </Step>
    </div>
  )
}

const Step = ({ title, children }: { readonly title: string; readonly children: ComponentChildren }) => (
  <section aria-label={title}>
    <h2>{title}</h2>
    {children}
  </section>
)

const Box = ({
  href,
  title,
  isOff = false,
  children,
}: {
  readonly href: string
  readonly title: string
  readonly isOff?: boolean
  readonly children: ComponentChildren
}) => (
  <div class={isOff ? 'box off' : 'box'}>
    <a href={href}>{title}</a>
    <div class="soft">{children}</div>
  </div>
)

const LastRun = ({ run }: { readonly run: Producer | undefined }) =>
  run === undefined ? null : (
    <>
      <br />
      {run.running ? 'running since ' : 'last '}
      <Time at={run.running ? run.startedAt : run.finishedAt} />
    </>
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
        <a href="/rejected">{rejectedOpen.toLocaleString()} rejected records</a> wait for a look,{' '}
        <a href="/alerts">{alertsPending.toLocaleString()} alerts</a> to be told.
      </p>
    )}
  </PartOf>
)
