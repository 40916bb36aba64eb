import { useEffect, useRef, useState } from 'preact/hooks'
import { useRoute } from 'preact-iso'
import type { ActionInput, ActionOutput } from '../../server/actions.ts'
import { type CallFailed, call, useCall } from '../api.ts'
import { lineOf } from '../parts/bytes.tsx'
import { counted } from '../parts/counted.ts'
import { DataTable } from '../parts/data-table.tsx'
import { MessageDetails } from '../parts/message-details.tsx'
import { csvOf } from '../parts/messages-csv.ts'
import { saveFile } from '../parts/save-file.ts'
import { Loaded } from '../parts/states.tsx'
import { Time } from '../parts/time.tsx'

type Message = ActionOutput<'messages.read'>['rows'][number]

const MOST_KEPT = 5_000
const PER_ANSWER = 200

/** What is looked for, as the page's address has it: a search is a permalink. */
interface Search {
  readonly from: string
  readonly partition: string
  readonly key: string
  readonly where: string
}

/** A topic's messages, the newest first. */
export default function Topic() {
  const { params, query } = useRoute()
  const topic = params.topic ?? ''
  const search: Search = {
    ...{ from: query.from ?? '-100', partition: query.partition ?? '' },
    ...{ key: query.key ?? '', where: query.where ?? '' },
  }
  return (
    <>
      <h1>{topic}</h1>
      <Partitions topic={topic} />
      <SearchForm topic={topic} search={search} />
      <Messages
        key={JSON.stringify([topic, search])}
        topic={topic}
        search={search}
        isLive={query.live === 'yes'}
      />
    </>
  )
}

function Partitions({ topic }: { readonly topic: string }) {
  const described = useCall('topics.describe', { topic })
  return (
    <Loaded of={described}>
      {({ partitions, config }) => (
        <p class="soft">
          {partitions
            .map(({ partition, start, end }) => `partition ${partition}: ${start} to ${end}`)
            .join(', ')}
          {config['retention.ms'] &&
            `; kept ${counted(Math.round(Number(config['retention.ms']) / 86_400_000), 'day')}`}
        </p>
      )}
    </Loaded>
  )
}

const SearchForm = ({ topic, search }: { readonly topic: string; readonly search: Search }) => (
  <form class="line" method="get" action={`/topics/${topic}`}>
    <label>
      From
      <input
        name="from"
        value={search.from}
        size={14}
        title="start, end, -100 (the last 100), 4711, 4711:4720, @-1h, @2026-02-20T12:00:00Z"
      />
    </label>
    <label>
      Partition
      <input name="partition" value={search.partition} size={4} inputMode="numeric" placeholder="all" />
    </label>
    <label>
      Key
      <input name="key" value={search.key} size={12} placeholder="any" />
    </label>
    <label class="grows">
      Where
      <input name="where" value={search.where} placeholder="current_price < 50" />
    </label>
    <button type="submit">Read</button>
    <button type="submit" name="live" value="yes" class="quiet">
      Follow
    </button>
  </form>
)

const inputOf = (topic: string, { from, partition, key, where }: Search): ActionInput<'messages.read'> => ({
  ...{ topic, from, most: PER_ANSWER },
  ...(partition !== '' && { partitions: [Number(partition)] }),
  ...(key !== '' && { key }),
  ...(where !== '' && { where }),
})

function Messages({
  topic,
  search,
  isLive,
}: {
  readonly topic: string
  readonly search: Search
  readonly isLive: boolean
}) {
  const [found, setFound] = useState<readonly Message[]>()
  const [error, setError] = useState<CallFailed>()
  const [isPaused, setPaused] = useState(false)
  const [times, setTimes] = useState(0)
  const [shown, setShown] = useState<Message>()
  // Behind the last answer: after a pause reading goes on there, so that what was shown stays and nothing is missed.
  const place = useRef<unknown>(null)
  useEffect(() => {
    if (isPaused) return
    const gone = new AbortController()
    setError(undefined)
    const read = async () => {
      let count = 0
      do {
        const cursor = place.current
        const input = { ...inputOf(topic, search), follow: isLive, ...(cursor ? { cursor } : {}) }
        const page = await call('messages.read', input as ActionInput<'messages.read'>, gone.signal)
        if (gone.signal.aborted) return
        setFound((before = []) => [...page.rows.toReversed(), ...before].slice(0, MOST_KEPT))
        place.current = page.next
        count += page.rows.length
      } while (place.current && (isLive || count < MOST_KEPT))
    }
    read().catch((failure) => !gone.signal.aborted && setError(failure))
    return () => gone.abort()
  }, [isPaused, times])
  const rows = found?.toSorted(
    (a, b) => b.timestamp - a.timestamp || Number(BigInt(b.offset) - BigInt(a.offset)),
  )
  // A permalink has one message: it is shown without being asked for.
  const open = shown ?? (rows?.length === 1 ? rows[0] : undefined)
  return (
    <>
      <div class="line">
        {isLive && (
          <button type="button" class="quiet" onClick={() => setPaused(!isPaused)}>
            {isPaused ? 'Go on' : 'Pause'}
          </button>
        )}
        <output aria-live="polite" class="soft">
          {found &&
            `${counted(found.length, 'message')}${isLive ? (isPaused ? ', paused' : ', following') : ''}`}
          {!isLive && found?.length === MOST_KEPT && '; narrow the search for others'}
        </output>
        {rows && rows.length > 0 && <Save topic={topic} rows={rows} />}
      </div>
      <Loaded
        of={{ value: rows, error, again: () => setTimes(times + 1) }}
        empty="No message here: From takes start, a time such as @-24h, or fewer conditions."
      >
        {(messages) => (
          <DataTable
            label="Messages"
            rows={messages}
            keyOf={({ partition, offset }) => `${partition}-${offset}`}
            onOpen={setShown}
            columns={[
              { name: 'Place', width: 8, cell: ({ partition, offset }) => `${partition}:${offset}` },
              { name: 'Time', width: 18, cell: ({ timestamp }) => <Time at={timestamp} /> },
              { name: 'Key', width: 9, cell: ({ key }) => lineOf(key) },
              { name: 'Value', cell: ({ value }) => lineOf(value) },
            ]}
          />
        )}
      </Loaded>
      {open && <MessageDetails key={`${open.partition}-${open.offset}`} topic={topic} message={open} />}
    </>
  )
}

const Save = ({ topic, rows }: { readonly topic: string; readonly rows: readonly Message[] }) => (
  <>
    <button
      type="button"
      class="quiet"
      onClick={() => saveFile(`${topic}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(''))}
    >
      Save as JSON lines
    </button>
    <button type="button" class="quiet" onClick={() => saveFile(`${topic}.csv`, csvOf(rows))}>
      Save as CSV
    </button>
  </>
)
