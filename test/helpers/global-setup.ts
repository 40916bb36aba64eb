import { chmod, mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { quietTimeoutWarning } from '../../lambdas/core/kafka/quiet-timeout-warning.ts'
import { COMPILED } from '../../local/compiled.ts'
import { type EngineRoom, openEngineRoom } from './engine-room.ts'

/** What a jest run has of its own, until its end. */
export interface TestRun {
  readonly room: EngineRoom
  /** The temporary folder of all that the run starts. */
  readonly temporary: string
}

/**
 * Before the first test file: says where Kafka and Postgres can be asked for. Neither starts until a test asks, so a
 * run of unit tests alone pays nothing.
 */
export default async function setUp(): Promise<void> {
  quietTimeoutWarning()
  // Workers see a copy of `process`, where the warning cannot be kept quiet from inside.
  process.execArgv.push('--disable-warning=TimeoutNegativeWarning')
  // Each program that tests start, and each worker, would strip and compile the same files: 0.3 s of processor time, and
  // of the CDK 0.7 s, instead of 0.1.
  process.env.NODE_COMPILE_CACHE = COMPILED
  const room = await openEngineRoom(process.env)
  process.env.KEEPER_TEST_ENGINES = room.url
  process.env.KEEPER_TEST_RUN_DIR = room.runDir
  // The CDK leaves an assembly there for each app that a test makes. Postgres, as another user, enters it as well.
  const temporary = await mkdtemp(join(tmpdir(), 'keeper-test-'))
  await chmod(temporary, 0o755)
  process.env.TMPDIR = temporary
  ;(globalThis as { keeperTestRun?: TestRun }).keeperTestRun = { room, temporary }
}
