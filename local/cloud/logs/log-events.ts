import { ApiError } from '../protocols/api.ts'
import type { Input } from '../protocols/input.ts'
import { logFilter } from './filter-pattern.ts'
import { BEGINNING, type LogLine, type LogPosition, readLines } from './log-file.ts'

/** What a page of events may have. */
const MAX_EVENTS = 10_000
const MAX_PAGE_BYTES = 1024 * 1024

/** All functions' environments write to one file, so that a log has one stream. */
export const STREAM = '[$LATEST]local'

/**
 * Events of a log that match, oldest first.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
export async function filterLogEvents({ file }: { readonly file: string }, input: Input) {
  const matches = logFilter(input.optionalText('filterPattern') ?? '')
  const streams = input.texts('logStreamNames')
  const prefix = input.optionalText('logStreamNamePrefix') ?? ''
  const [startMs, endMs] = timesOf(input)
  const limit = input.integer('limit', 1, MAX_EVENTS) ?? MAX_EVENTS
  const token = input.optionalText('nextToken')
  const from = token === undefined ? BEGINNING : positionOf(token, 'f')
  if (!from) throw badToken()
  const searchedLogStreams = [] as const
  if (!STREAM.startsWith(prefix) || (streams && !streams.includes(STREAM)))
    return { events: [], searchedLogStreams }
  const page = new Page(limit)
  for await (const line of readLines(file, from, startMs)) {
    if (line.atMs > endMs || !matches(line.text)) continue
    if (!page.add(line)) break
  }
  return {
    events: page.lines.map((line) => ({ logStreamName: STREAM, ...eventOf(line), eventId: idOf(line) })),
    nextToken: page.isFull ? tokenOf('f', page.after(from)) : undefined,
    searchedLogStreams,
  }
}

/**
 * A stream's events, the newest ones unless it is to be read from its head; the tokens lead to what is before and
 * after, and stay the same at the stream's ends.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export async function getLogEvents({ file }: { readonly file: string }, input: Input) {
  const stream = input.text('logStreamName')
  if (stream !== STREAM) {
    throw new ApiError(
      'ResourceNotFoundException',
      `The specified log stream does not exist: ${stream}. There is ${STREAM}.`,
    )
  }
  const [startMs, endMs] = timesOf(input)
  const limit = input.integer('limit', 1, MAX_EVENTS) ?? MAX_EVENTS
  const token = input.optionalText('nextToken')
  const [onwards, backwards] = [positionOf(token, 'f'), positionOf(token, 'b')]
  if (token !== undefined && !onwards && !backwards) throw badToken()
  const isForward = onwards !== undefined || (!backwards && input.flag('startFromHead') === true)
  const from = onwards ?? BEGINNING
  const page = new Page(limit)
  for await (const line of readLines(file, from, startMs)) {
    if (backwards && line.offset >= backwards.offset) break
    if (line.atMs >= endMs) continue
    if (isForward && !page.add(line)) break
    if (!isForward) page.addLast(line)
  }
  const before = page.lines[0] ?? backwards ?? from
  const after = page.lines.length > 0 ? page.after(from) : (backwards ?? from)
  return {
    events: page.lines.map(eventOf),
    nextForwardToken: tokenOf('f', after),
    nextBackwardToken: tokenOf('b', before),
  }
}

/** As many lines as an answer holds. */
class Page {
  readonly lines: LogLine[] = []
  readonly #limit: number
  #bytes = 0
  #isFull = false

  constructor(limit: number) {
    this.#limit = limit
  }

  /** Whether there were more lines than it holds. */
  get isFull(): boolean {
    return this.#isFull
  }

  /** False where there is no room left for it. */
  add(line: LogLine): boolean {
    this.#isFull =
      this.lines.length >= this.#limit ||
      (this.lines.length > 0 && this.#bytes + line.text.length > MAX_PAGE_BYTES)
    if (this.#isFull) return false
    this.lines.push(line)
    this.#bytes += line.text.length
    return true
  }

  /** Makes room for it by dropping the oldest. */
  addLast(line: LogLine): void {
    this.lines.push(line)
    this.#bytes += line.text.length
    while (this.lines.length > 1 && (this.lines.length > this.#limit || this.#bytes > MAX_PAGE_BYTES)) {
      this.#bytes -= this.lines.shift()?.text.length ?? 0
    }
  }

  /** Where the next page begins. */
  after(from: LogPosition): LogPosition {
    const last = this.lines.at(-1)
    return last ? { offset: last.next, atMs: last.atMs } : from
  }
}

function timesOf(input: Input): readonly [number, number] {
  const longest = Number.MAX_SAFE_INTEGER
  return [input.integer('startTime', 0, longest) ?? 0, input.integer('endTime', 0, longest) ?? longest]
}

const eventOf = ({ atMs, text }: LogLine) => ({ timestamp: atMs, message: text, ingestionTime: atMs })

/** Unique in its group, and in the order of the log. */
const idOf = ({ offset }: LogLine): string => String(offset).padStart(56, '0')

const tokenOf = (direction: 'f' | 'b', { offset, atMs }: LogPosition): string =>
  `${direction}/${offset}/${atMs}`

function positionOf(token: string | undefined, direction: 'f' | 'b'): LogPosition | undefined {
  if (token === undefined) return undefined
  const [, found, offset, atMs] = /^([fb])\/(\d+)\/(\d+)$/.exec(token) ?? []
  if (found === undefined) throw badToken()
  return found === direction ? { offset: Number(offset), atMs: Number(atMs) } : undefined
}

const badToken = (): ApiError =>
  new ApiError('InvalidParameterException', 'The specified nextToken is invalid.')
