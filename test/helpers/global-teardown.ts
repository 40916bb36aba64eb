import type { EngineRoom } from './engine-room.ts'

/** After the last test file: ends what was started and deletes its data. */
export default async function tearDown(): Promise<void> {
  await (globalThis as { keeperEngineRoom?: EngineRoom }).keeperEngineRoom?.close()
}
