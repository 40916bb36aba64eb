import { useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import { type LogEntry, logEntry } from '../../../client/log-entry.ts'
import { useCall, useLive } from '../api.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

/** A function's log, with new lines as they come. */
export default function Functions() {
  const { params } = useRoute()
  const functions = useCall('functions.list', {})
  return (
    <>
      <h1>Functions</h1>
      <Loaded of={functions} empty="No function was found.">
        {(names) => (
          <div class="choices">
            {names.map((name) => (
              <a
                key={name}
                class="choice"
                href={`/functions/${name}`}
                aria-current={params.name === name ? 'page' : undefined}
              >
                {name}
              </a>
            ))}
          </div>
        )}
      </Loaded>
      {params.name !== undefined && <Log key={params.name} name={params.name} />}
    </>
  )
}

const PERIODS = [
  [15, '15 minutes'],
  [60, 'an hour'],
  [1_440, 'a day'],
] as const

function Log({ name }: { readonly name: string }) {
  const [minutes, setMinutes] = useState(60)
  const [filter, setFilter] = useState('')
  const log = useLive('logs.read', { name, minutes, ...(filter && { filter }) }, 3_000)
  return (
    <section aria-label={`Log of ${name}`}>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault()
          setFilter(String(new FormData(event.currentTarget as HTMLFormElement).get('filter') ?? ''))
        }}
      >
        <label>
          Since
          <select value={minutes} onChange={({ currentTarget }) => setMinutes(Number(currentTarget.value))}>
            {PERIODS.map(([length, words]) => (
              <option key={length} value={length}>
                {words}
              </option>
            ))}
          </select>
        </label>
        <label class="grows">
          Filter, as CloudWatch reads it
          <input name="filter" placeholder={'{ $.level = "ERROR" }'} />
        </label>
        <button type="submit" class="quiet">
          Filter
        </button>
      </form>
      <Loaded of={log} empty="No line in this time: a function writes when it runs.">
        {(lines) => (
          <ol class="log" tabindex={0}>
            {lines.toReversed().map(({ at, line }, index) => {
              const { kind, level, message, fields } = logEntry(at, line)
              return (
                <li key={`${at}-${lines.length - index}`} class={classOf(kind, level)}>
                  <Time at={at} />{' '}
                  <code>
                    {level} {message} <span class="soft">{fields}</span>
                  </code>
                </li>
              )
            })}
          </ol>
        )}
      </Loaded>
    </section>
  )
}

/** Failures stand out, what Lambda itself writes steps back. */
const classOf = (kind: LogEntry['kind'], level: string): string | undefined =>
  /^(ERROR|FATAL)$/i.test(level) ? 'bad' : kind === 'own' ? undefined : 'soft'
