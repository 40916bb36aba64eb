import { rm } from 'node:fs/promises'
import type { TestRun } from './global-setup.ts'

/** After the last test file: ends what was started and deletes its data. */
export default async function tearDown(): Promise<void> {
  const run = (globalThis as { keeperTestRun?: TestRun }).keeperTestRun
  await run?.room.close()
  if (run) await rm(run.temporary, { recursive: true, force: true })
}
