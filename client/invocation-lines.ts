import { jsonOf } from './log-entry.ts'

/** A line of a log, with the stream that it is in. */
export interface StreamedLine {
  readonly at: string
  readonly line: string
  readonly stream: string
}

/**
 * The lines of the invocation that wrote a line: an execution environment runs one at a time, and writes its own stream.
 * On this machine all environments of a function write one, so there lines of two that ran at once are told apart only
 * where they name their request.
 * @param lines of the log, the oldest first
 */
export function linesTogether<Line extends StreamedLine>(lines: readonly Line[], one: Line): readonly Line[] {
  const wanted = requestsOf(lines, one.stream).get(keyOf(one))
  if (wanted === undefined) return lines.filter((line) => keyOf(line) === keyOf(one))
  const requests = requestsOf(lines, one.stream)
  return lines.filter((line) => line.stream === one.stream && requests.get(keyOf(line)) === wanted)
}

/** The request of each line of a stream: the one that the line names, else the one that began last. */
function requestsOf(lines: readonly StreamedLine[], stream: string): ReadonlyMap<string, string> {
  const requests = new Map<string, string>()
  let current: string | undefined
  for (const each of lines) {
    if (each.stream !== stream) continue
    const named = requestOf(each.line)
    if (named !== undefined) current = named
    if (current !== undefined) requests.set(keyOf(each), current)
  }
  return requests
}

/** https://docs.aws.amazon.com/lambda/latest/dg/telemetry-schema-reference.html */
function requestOf(line: string): string | undefined {
  const parsed = jsonOf(line)
  const record = parsed?.record as { readonly requestId?: unknown } | undefined
  const named = record?.requestId ?? parsed?.requestId
  return typeof named === 'string' ? named : undefined
}

const keyOf = ({ at, line }: StreamedLine): string => `${at} ${line}`
