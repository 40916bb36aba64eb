import { useState } from 'preact/hooks'
import { linesTogether, type StreamedLine } from '../../../client/invocation-lines.ts'
import { type LogEntry, logEntry } from '../../../client/log-entry.ts'
import { useLive } from '../api.ts'
import { Loaded } from './states.tsx'
import { Time } from './time.tsx'

const PERIODS = [
  [15, '15 minutes'],
  [60, 'an hour'],
  [1_440, 'a day'],
] as const

/** A function's log, the newest lines first; a line leads to all of its invocation. */
export function FunctionLog({ name }: { readonly name: string }) {
  const [minutes, setMinutes] = useState(60)
  const [filter, setFilter] = useState('')
  const [one, setOne] = useState<StreamedLine>()
  // A filter would leave the other lines of an invocation out.
  const isFiltered = filter !== '' && one === undefined
  const log = useLive('logs.read', { name, minutes, ...(isFiltered && { filter }) }, 3_000)
  return (
    <section aria-label={`Log of ${name}`}>
      <form
        class="line"
        onSubmit={(event) => {
          event.preventDefault()
          setOne(undefined)
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
        {one && (
          <button type="button" onClick={() => setOne(undefined)}>
            Show all lines again
          </button>
        )}
      </form>
      <Loaded
        of={log}
        empty={
          isFiltered
            ? 'No line matches in this time.'
            : 'No line in this time: a function writes when it runs.'
        }
      >
        {(lines) => (
          <ol class="log" tabindex={0} aria-label={one ? 'Lines of one invocation' : 'Lines'}>
            {(one ? linesTogether(lines, one) : lines.toReversed()).map((line, index, { length }) => (
              <Line key={`${line.at}-${length - index}`} line={line} onOpen={one ? undefined : setOne} />
            ))}
          </ol>
        )}
      </Loaded>
    </section>
  )
}

function Line({
  line,
  onOpen,
}: {
  readonly line: StreamedLine
  readonly onOpen: ((line: StreamedLine) => void) | undefined
}) {
  const { kind, level, message, fields } = logEntry(line.at, line.line)
  return (
    <li class={classOf(kind, level)}>
      {onOpen ? (
        <button type="button" class="plain" title="All lines of its invocation" onClick={() => onOpen(line)}>
          <Time at={line.at} />
        </button>
      ) : (
        <Time at={line.at} />
      )}{' '}
      <code>
        {level} {message} <span class="soft">{fields}</span>
      </code>
    </li>
  )
}

/** Failures stand out, what Lambda itself writes steps back. */
const classOf = (kind: LogEntry['kind'], level: string): string | undefined =>
  /^(ERROR|FATAL)$/i.test(level) ? 'bad' : kind === 'own' ? undefined : 'soft'
