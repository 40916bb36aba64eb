import { parseArgs } from 'node:util'
import { quietTimeoutWarning } from '../lambdas/core/kafka/quiet-timeout-warning.ts'
import { alertBenches } from './alerts.ts'
import { cliBenches } from './cli.ts'
import { codecBenches } from './codecs.ts'
import { coldStartBenches } from './cold-start.ts'
import { concurrencyBenches } from './concurrency.ts'
import { consumeBenches } from './consume.ts'
import { decodeBenches } from './decode.ts'
import { endToEndBenches } from './end-to-end.ts'
import { postgresOf, startBenchEngines } from './engines.ts'
import { growthBenches } from './growth.ts'
import { jdbcSinkBenches } from './jdbc-sink.ts'
import { keepResults } from './keep-results.ts'
import { latencyBenches } from './latency.ts'
import { localStartBenches } from './local-start.ts'
import { mappingBenches } from './mapping.ts'
import { type Engines, type Group, measure, type Result } from './measure.ts'
import { memoryBenches } from './memory.ts'
import { mirrorBenches } from './mirror.ts'
import { notifyBenches, notifyMemoryBenches } from './notify.ts'
import { produceBenches } from './produce.ts'
import { readingBenches } from './reading.ts'
import { searchBenches } from './search.ts'
import { searchLatencyBenches } from './search-latency.ts'

/**
 * `npm run bench -- [group ...] [--rounds 5] [--rows 100000000]`: measures the groups that are named, or all but those on request;
 * `rows` is the size of the large history of growth and reading. Figures are rates; what
 * travels from machine to machine are the ratios to the first peer of a bench.
 */
const GROUPS: Readonly<Record<string, (engines: Engines) => Promise<Group>>> = {
  consume: ({ databaseUrl }) => consumeBenches(databaseUrl),
  alerts: ({ databaseUrl }) => alertBenches(databaseUrl),
  'end-to-end': endToEndBenches,
  produce: produceBenches,
  mapping: mappingBenches,
  decode: decodeBenches,
  'cold-start': coldStartBenches,
  memory: ({ databaseUrl }) => memoryBenches(databaseUrl),
  concurrency: ({ databaseUrl }) => concurrencyBenches(databaseUrl),
  latency: ({ databaseUrl }) => latencyBenches(databaseUrl),
  notify: ({ databaseUrl }) => notifyBenches(databaseUrl),
  cli: cliBenches,
}

/** Run only if named: they take minutes, much disk space, or programs that nothing else here needs. */
const ON_REQUEST: typeof GROUPS = {
  codecs: codecBenches,
  growth: ({ databaseUrl }) => growthBenches(databaseUrl, Number(values.rows)),
  'jdbc-sink': jdbcSinkBenches,
  'local-start': localStartBenches,
  mirror: mirrorBenches,
  reading: ({ databaseUrl }) => readingBenches(databaseUrl, Number(values.rows)),
  'notify-memory': ({ databaseUrl }) => notifyMemoryBenches(databaseUrl),
  'search-latency': ({ databaseUrl }) => searchLatencyBenches(databaseUrl),
  search: ({ databaseUrl }) => searchBenches(databaseUrl),
}
const ALL: typeof GROUPS = { ...GROUPS, ...ON_REQUEST }

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    rows: { type: 'string', default: '100000000' },
  },
})
const unknown = positionals.find((group) => !ALL[group])
if (unknown !== undefined) {
  console.error(`There is no group "${unknown}": use ${Object.keys(ALL).join(', ')}.`)
  process.exit(2)
}

quietTimeoutWarning()
const progress = (line: string) => void process.stderr.write(`${line}\n`)
const engine = await startBenchEngines(progress)
const postgres = await postgresOf(engine)
try {
  for (const group of positionals.length > 0 ? positionals : Object.keys(GROUPS)) {
    const results: Result[] = []
    const opened = await ALL[group]?.(engine)
    try {
      for (const bench of opened?.benches ?? []) {
        const result = await measure(bench, Number(values.rounds), progress)
        results.push(result)
        print(result)
      }
    } finally {
      await opened?.close()
    }
    await keepResults(results, postgres)
  }
} finally {
  await engine.stop()
}

function print({ group, name, what, input, unit, rounds, figures }: Result): void {
  console.log(`\n${group}: ${name}\n  ${what}\n  input: ${input}\n  medians of ${rounds} rounds\n`)
  const width = Math.max(...figures.map(({ peer }) => peer.length))
  for (const { peer, rate, least, most, ratio } of figures) {
    const figure = (value: number) => Math.round(value).toLocaleString('en').padStart(9)
    console.log(
      `  ${peer.padEnd(width)} ${figure(rate)} ${unit} [${figure(least).trim()}..${figure(most).trim()}] ${ratio.toFixed(2).padStart(8)} x`,
    )
  }
}
