import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../../../local/cloud/clock.ts'
import { LocalFunction } from '../../../local/cloud/lambda/function.ts'
import type { FunctionResource } from '../../../local/cloud/lambda/function-resource.ts'

const FIXTURES = join(import.meta.dirname, 'fixtures')

/** A function whose bundle is a folder of `fixtures/`. */
export async function fixtureFunction(
  folder: string,
  resource: Partial<FunctionResource> = {},
  variables: Readonly<Record<string, string>> = {},
  clock?: Clock,
  idleMs?: number,
) {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-function-'))
  const target = new LocalFunction(
    {
      id: `stack/${folder}`,
      name: folder,
      codeDirectory: join(FIXTURES, folder),
      handler: 'index.handler',
      timeoutSeconds: 20,
      memoryMb: 256,
      environment: {},
      ...resource,
    },
    {
      variables: { PATH: process.env.PATH ?? '', ...variables },
      logDirectory: join(directory, 'logs'),
      clock,
      idleMs,
    },
  )
  return {
    target,
    directory,
    log: () => readFile(join(directory, 'logs', `${target.resource.name}.log`), 'utf8'),
    dispose: async () => {
      await target.stop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** One invocation, as the recorder notes it. */
export interface Invocation {
  readonly pid: number
  readonly awsRequestId: string
  /** Milliseconds since 1970. */
  readonly atMs: number
  /** Size of the payload. */
  readonly bytes: number
  /** Partition and offset of each record. */
  readonly records: readonly (readonly [number, number])[]
  readonly failed: boolean
  readonly event?: unknown
}

/** What the recorder is told to do; read at each invocation. */
export interface Control {
  readonly delayMs?: number
  /** Answers only once it is told otherwise. */
  readonly holds?: boolean
  /** Throws where the event has a record of these partitions. */
  readonly failPartitions?: readonly number[]
  /** Answers by the number of the invocation. */
  readonly answers?: readonly unknown[]
  readonly keepEvents?: boolean
}

/** A function that notes what it is invoked with, in processes of its own. */
export async function recorder(resource: Partial<FunctionResource> = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'keeper-recorder-'))
  const record = join(directory, 'record.jsonl')
  const control = join(directory, 'control.json')
  const fixture = await fixtureFunction('recorder', resource, { RECORD_FILE: record, CONTROL_FILE: control })
  const invocations = async (): Promise<readonly Invocation[]> => {
    const text = await readFile(record, 'utf8').catch(() => '')
    const lines = text.split('\n').filter((line) => line !== '')
    return lines.map((line) => JSON.parse(line) as Invocation)
  }
  return {
    target: fixture.target,
    /** Takes effect as a whole: an invocation reads what it was told before, or this. */
    control: async (told: Control) => {
      await writeFile(`${control}.part`, JSON.stringify(told))
      await rename(`${control}.part`, control)
    },
    invocations,
    /** How many invocations have begun. */
    started: async (): Promise<number> =>
      (await readFile(`${record}.started`, 'utf8').catch(() => '')).length,
    /** Offsets of a partition in the order in which they were delivered, and not failed. */
    done: async (partition: number): Promise<readonly number[]> =>
      (await invocations())
        .filter(({ failed }) => !failed)
        .flatMap(({ records }) => records)
        .flatMap(([at, offset]) => (at === partition ? [offset] : [])),
    dispose: async () => {
      await fixture.dispose()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

export type Recorder = Awaited<ReturnType<typeof recorder>>
