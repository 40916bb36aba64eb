import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

/** How much of an invocation's log an answer carries, in bytes. */
const TAIL_BYTES = 4 * 1024

/** What Lambda says of an invocation that is over. */
export interface Report {
  readonly requestId: string
  readonly status: 'success' | 'error' | 'timeout'
  readonly errorType: string | undefined
  readonly durationMs: number
  readonly memorySizeMb: number
  /** Of the environment since its start; undefined where its process was gone before it could say. */
  readonly maxMemoryUsedMb: number | undefined
  /** Of the first invocation in an environment. */
  readonly initDurationMs: number | undefined
}

/**
 * A function's log: what its processes write, and around it the records of Lambda itself in its JSON log format.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html
 */
export class LambdaLog {
  readonly #file: string
  readonly #reported: (report: Report) => void
  #descriptor: number | undefined

  /** @param reported is told each report as well */
  constructor(file: string, reported: (report: Report) => void = () => undefined) {
    this.#file = file
    this.#reported = reported
  }

  /** The open file, for a process to write to. */
  get descriptor(): number {
    if (this.#descriptor === undefined) {
      mkdirSync(dirname(this.#file), { recursive: true })
      this.#descriptor = openSync(this.#file, 'a+')
    }
    return this.#descriptor
  }

  initStart(functionName: string): void {
    this.#platform('initStart', {
      initializationType: 'on-demand',
      phase: 'init',
      runtimeVersion: `nodejs:${process.versions.node}`,
      functionName,
      functionVersion: '$LATEST',
    })
  }

  start(requestId: string): void {
    this.#platform('start', { requestId, version: '$LATEST' })
  }

  /** The start of an environment is billed with its first invocation. */
  report(report: Report): void {
    const { requestId, status, errorType, initDurationMs } = report
    this.#platform('report', {
      requestId,
      metrics: {
        durationMs: rounded(report.durationMs),
        billedDurationMs: Math.ceil(report.durationMs + (initDurationMs ?? 0)),
        memorySizeMB: report.memorySizeMb,
        maxMemoryUsedMB: report.maxMemoryUsedMb,
        initDurationMs: initDurationMs === undefined ? undefined : rounded(initDurationMs),
      },
      status,
      errorType,
    })
    this.#reported(report)
  }

  /** Where the next line will begin. */
  end(): number {
    return fstatSync(this.descriptor).size
  }

  /**
   * The last 4 KB from `start` on, without the lines that name another request. Lines of the function's own that name
   * none may be of one that ran at the same time.
   */
  tail(start: number, requestId: string): Buffer {
    const bytes = Buffer.alloc(this.end() - start)
    readSync(this.descriptor, bytes, 0, bytes.length, start)
    const own = bytes
      .toString('utf8')
      .split('\n')
      .filter((line) => (/"requestId":"([^"]+)"/.exec(line)?.[1] ?? requestId) === requestId)
    return Buffer.from(own.join('\n')).subarray(-TAIL_BYTES)
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor)
    this.#descriptor = undefined
  }

  #platform(type: string, record: Readonly<Record<string, unknown>>): void {
    const line = { time: new Date().toISOString(), type: `platform.${type}`, record }
    writeSync(this.descriptor, `${JSON.stringify(line)}\n`)
  }
}

const rounded = (ms: number): number => Math.round(ms * 1_000) / 1_000
