import type { ComponentChildren } from 'preact'
import type { ActionOutput } from '../../server/actions.ts'
import type { Shown } from '../api.ts'
import { counted } from './counted.ts'
import { PartOf } from './part-of.tsx'
import { type TopicRow, useRates } from './rates.ts'
import { Loaded } from './states.tsx'
import { Time } from './time.tsx'

type Status = ActionOutput<'status.read'>
type Producer = Extract<Status['database'], { value: unknown }>['value']['runs'][number]

/** Schedules, producers, topics, mappings, consumers and tables, from left to right. */
export function Flow({
  status,
  schedules,
  topics,
  again,
}: {
  readonly status: Status
  readonly schedules: Shown<ActionOutput<'schedules.list'>>
  readonly topics: readonly TopicRow[]
  readonly again: () => void
}) {
  const runs = 'value' in status.database ? status.database.value.runs : []
  const mappings = 'value' in status.mappings ? status.mappings.value : []
  const tokens = 'value' in status.tokens ? status.tokens.value : []
  const rateOf = useRates(topics)
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
                <br />
                runs <a href={`/functions/${producer}`}>{producer}</a>
                {tokens
                  .filter((each) => each.producer === producer)
                  .map((left) => (
                    <span key="tokens">, {left.tokens.toLocaleString()} tokens of Keepa’s left</span>
                  ))}
              </Box>
            ))
          }
        </Loaded>
      </Step>
      <PartOf of={status.consumers} again={again}>
        {(consumers) => (
          <>
            <Step title="Topics">
              {[...Map.groupBy(consumers, ({ topic }) => topic)].map(([topic, readers]) => (
                <Box key={topic} href={`/topics/${topic}`} title={topic}>
                  <TopicFacts of={topics.find((each) => each.topic === topic)} rate={rateOf(topic)} />
                  {Math.max(...readers.map(({ lag }) => lag)).toLocaleString()} not read yet
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
                    isOff={
                      mapping !== undefined &&
                      (mapping.state !== 'Enabled' || mapping.lastResult.startsWith('PROBLEM'))
                    }
                  >
                    mapping {mapping?.state.toLowerCase() ?? 'not found'}
                    {mapping?.lastResult && `: ${mapping.lastResult}`}
                    <br />
                    {counted(members.length, 'member')} of{' '}
                    <a href={`/groups/${encodeURIComponent(group)}`}>{group}</a>
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

const TopicFacts = ({
  of: topic,
  rate,
}: {
  readonly of: TopicRow | undefined
  readonly rate: number | undefined
}) =>
  topic === undefined ? null : (
    <>
      {`${counted(topic.partitions, 'partition')}, ${counted(topic.records, 'record')}`}
      <br />
      {rate !== undefined && (
        <>
          {Math.round(rate).toLocaleString()} a minute
          <br />
        </>
      )}
    </>
  )

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
