import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { heapArguments } from '../local/cloud/lambda/memory.ts'
import { benchDatabase } from './database.ts'
import { PriceStream } from './input.ts'
import type { Group, Peer } from './measure.ts'
import { synthesizedTemplate } from './synthesized.ts'

const run = promisify(execFile)

/** Lambda's limit for the payload of an invocation, and how often it comes. */
const PAYLOAD_BYTES = 6 * 1024 * 1024
const INVOCATIONS = 5

/** The memory of a function, by which Lambda divides Node's heap. */
const MEMORY_MB = 192

/**
 * Invokes a bundle with one event of a file after the other, and prints the most memory that the process had resident,
 * in KiB, as Linux tells it. Plain JavaScript: what Node needs to read TypeScript would take 20 MB.
 */
const INVOKE = String.raw`
import { readFileSync } from 'node:fs'
const [, bundle, ...files] = process.argv
const { handler } = await import(bundle)
const context = { functionName: 'bench', awsRequestId: 'bench', getRemainingTimeInMillis: () => 600_000 }
for (const file of files) await handler(JSON.parse(readFileSync(file, 'utf8')), context)
process.stderr.write(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])
process.exit()
`

/** The memory that a consumer takes for events as large as Lambda sends. */
export async function memoryBenches(serverUrl: string): Promise<Group> {
  const database = await benchDatabase(serverUrl, 'bench_memory')
  const directory = await mkdtemp(join(tmpdir(), 'keeper-bench-'))
  const { functions } = await synthesizedTemplate(directory)
  const stream = new PriceStream(9)
  let files = 0

  const fullEvent = async (kind: 'price' | 'deal'): Promise<string> => {
    const file = join(directory, `event-${files++}.json`)
    const recordBytes = JSON.stringify(stream.nextEvent(100, kind)).length / 100
    await writeFile(file, JSON.stringify(stream.nextEvent(Math.floor(PAYLOAD_BYTES / recordBytes), kind)))
    return file
  }
  const peer = (
    name: string,
    kind: 'price' | 'deal',
    invocations: number,
    flags: readonly string[],
  ): Peer => ({
    name,
    run: async () => {
      const consumer = functions.find((one) => one.name === `${kind}-consumer`)
      const events = await Promise.all(Array.from({ length: invocations }, () => fullEvent(kind)))
      const bundle = join(consumer?.codeDirectory ?? '', 'index.mjs')
      const { stderr } = await run(
        process.execPath,
        [...flags, '--input-type=module', '--eval', INVOKE, bundle, ...events],
        {
          env: {
            ...consumer?.environment,
            DATABASE_URL: database.url,
            DATABASE_AUTHENTICATION: 'password',
          },
        },
      )
      // Megabytes, in the place of a rate.
      return { units: (Number(stderr) * 1_024) / 1_000_000, ms: 1_000 }
    },
  })
  const lambda = heapArguments(MEMORY_MB)
  return {
    benches: [
      {
        group: 'memory',
        name: 'resident memory',
        what: 'megabytes that the process had at most',
        input: `the synthesized bundles; ${INVOCATIONS} events of nearly 6 MB, one after the other`,
        unit: 'MB',
        peers: [
          peer('price-consumer, no event', 'price', 0, lambda),
          peer(`price-consumer, heap as Lambda divides ${MEMORY_MB} MB`, 'price', INVOCATIONS, lambda),
          peer(`deal-consumer, heap as Lambda divides ${MEMORY_MB} MB`, 'deal', INVOCATIONS, lambda),
          peer('price-consumer, Node’s own limits', 'price', INVOCATIONS, []),
          peer('deal-consumer, Node’s own limits', 'deal', INVOCATIONS, []),
        ],
      },
    ],
    close: async () => {
      await database.drop()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
