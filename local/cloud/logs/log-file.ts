import { type FileHandle, open } from 'node:fs/promises'
import { codeOf } from '../cloud-error.ts'

/** A line of a log. */
export interface LogLine {
  /** Where it begins in the file, in bytes, and where the next one does. */
  readonly offset: number
  readonly next: number
  /** Milliseconds since 1970; of a line without a time, that of the line before. */
  readonly atMs: number
  readonly text: string
}

const CHUNK_BYTES = 256 * 1024

/** Where reading begins: a byte where a line does, and the time of the line before; 0 where there is none. */
export interface LogPosition {
  readonly offset: number
  readonly atMs: number
}

export const BEGINNING: LogPosition = { offset: 0, atMs: 0 }

/** Lines are in the order of their times but for this much: processes write to the file as they come. */
const DISORDER_MS = 60_000

/** JSON lines of Lambda and of its runtime's console: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html */
const TIME = /^\{(?:.{0,200}?,)?"(?:time|timestamp)":"(\d{4}-\d\d-\d\dT[^"]+)"/

/**
 * Reads a log's whole lines from a position on, without what is older than `sinceMs`. A log that is not there has
 * no lines.
 */
export async function* readLines(path: string, from: LogPosition, sinceMs = 0): AsyncGenerator<LogLine> {
  const file = await open(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
  if (!file) return
  try {
    const { size, birthtimeMs } = await file.stat()
    const start = sinceMs > 0 ? await startOf(file, from.offset, size, sinceMs - DISORDER_MS) : from.offset
    let atMs = from.atMs || Math.floor(birthtimeMs)
    for await (const { offset, next, text } of linesFrom(file, start)) {
      atMs = timeOf(text) ?? atMs
      if (text !== '' && atMs >= sinceMs) yield { offset, next, atMs, text }
    }
  } finally {
    await file.close()
  }
}

/** The beginning of a line, at or after `from`, before which all lines are older than `ms`. */
async function startOf(file: FileHandle, from: number, size: number, ms: number): Promise<number> {
  let [low, high] = [from, size]
  while (high - low > CHUNK_BYTES) {
    const middle = Math.floor((low + high) / 2)
    const found = await firstTimedLine(file, middle)
    if (found === undefined || found.atMs >= ms || found.offset >= high) high = middle
    else low = found.offset
  }
  return low
}

/** The first line after the one at `position` that has a time. */
async function firstTimedLine(
  file: FileHandle,
  position: number,
): Promise<{ readonly offset: number; readonly atMs: number } | undefined> {
  let isFirst = true
  for await (const { offset, text } of linesFrom(file, position)) {
    const atMs = isFirst ? undefined : timeOf(text)
    isFirst = false
    if (atMs !== undefined) return { offset, atMs }
  }
  return undefined
}

async function* linesFrom(file: FileHandle, position: number) {
  let offset = position
  let rest = Buffer.alloc(0)
  for (;;) {
    const chunk = Buffer.alloc(CHUNK_BYTES)
    const { bytesRead } = await file.read(chunk, 0, CHUNK_BYTES, offset + rest.length)
    if (bytesRead === 0) return
    const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)])
    let at = 0
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, at)) {
      const text = bytes.toString('utf8', at, end).replace(/\r$/, '')
      yield { offset: offset + at, next: offset + end + 1, text }
      at = end + 1
    }
    offset += at
    rest = bytes.subarray(at)
  }
}

function timeOf(line: string): number | undefined {
  const ms = Date.parse(TIME.exec(line)?.[1] ?? '')
  return Number.isFinite(ms) ? ms : undefined
}
