import { quietTimeoutWarning } from '../../lambdas/core/kafka/quiet-timeout-warning.ts'
import { openEngineRoom } from './engine-room.ts'

/**
 * Before the first test file: says where Kafka and Postgres can be asked for. Neither starts until a test asks, so a
 * run of unit tests alone pays nothing.
 */
export default async function setUp(): Promise<void> {
  quietTimeoutWarning()
  // Workers see a copy of `process`, where the warning cannot be kept quiet from inside.
  process.execArgv.push('--disable-warning=TimeoutNegativeWarning')
  const room = await openEngineRoom(process.env)
  process.env.KEEPER_TEST_ENGINES = room.url
  process.env.KEEPER_TEST_RUN_DIR = room.runDir
  ;(globalThis as { keeperEngineRoom?: typeof room }).keeperEngineRoom = room
}
