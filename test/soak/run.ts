import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { quietTimeoutWarning } from '../../lambdas/core/kafka/quiet-timeout-warning.ts'
import { soak } from './soak.ts'

/** `npm run soak -- --minutes 20 --seed 7`: prints each fault as it comes, the figures, and what must not be; exits with 1 for that. */

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '2' }, seed: { type: 'string' } },
})
const minutes = Number(values.minutes)
const seed = Number(values.seed ?? Date.now() % 100_000)
if (!(minutes > 0) || !Number.isInteger(seed)) {
  console.error('Use --minutes with a number above 0, and --seed with a whole number.')
  process.exit(2)
}

quietTimeoutWarning()
// Not below .local/test: a run of jest ends there what no jest has started.
const directory = join(import.meta.dirname, '..', '..', '.local', 'soak', `run-${process.pid}`)
await mkdir(directory, { recursive: true })
process.env.KEEPER_TEST_RUN_DIR = directory

console.log(`npm run soak -- --minutes ${minutes} --seed ${seed}`)
const { figures, violations } = await soak({ seconds: minutes * 60, seed }, console.log)
console.log(
  Object.entries(figures)
    .map(([name, figure]) => `${name} ${figure}`)
    .join(', '),
)
console.log(
  violations.length === 0 ? 'nothing is wrong' : violations.map((each) => `WRONG ${each}`).join('\n'),
)
await rm(directory, { recursive: true, force: true })
process.exit(violations.length === 0 ? 0 : 1)
