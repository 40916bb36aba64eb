import { readFile, writeFile } from 'node:fs/promises'
import { cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Result } from './measure.ts'

const FILE = join(import.meta.dirname, 'results.json')

/**
 * A bench's figures with the time of their run and the Postgres that it had. Ratios are within a bench; benches of other
 * runs are not compared.
 */
interface KeptResult extends Result {
  readonly measuredAt: string
  readonly postgres: string
}

interface Kept {
  readonly machine: Readonly<Record<string, unknown>>
  readonly results: readonly KeptResult[]
}

/** Writes results into results.json, in the place of those of the same groups; of another machine none is left. */
export async function keepResults(results: readonly Result[], postgres: string): Promise<void> {
  const machine = {
    cpus: cpus().length,
    model: cpus()[0]?.model,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: release(),
    node: process.version,
  }
  const before: Kept = JSON.parse(await readFile(FILE, 'utf8'))
  const isSame = JSON.stringify(before.machine) === JSON.stringify(machine)
  const groups = new Set(results.map(({ group }) => group))
  const measuredAt = new Date().toISOString()
  const kept: Kept = {
    machine,
    results: [
      ...before.results.filter(({ group }) => isSame && !groups.has(group)),
      ...results.map((result) => ({ ...result, measuredAt, postgres })),
    ].sort((a, b) => a.group.localeCompare(b.group)),
  }
  await writeFile(FILE, `${JSON.stringify(kept, null, 2)}\n`)
}
