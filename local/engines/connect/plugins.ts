import { join } from 'node:path'
import { bringJars, type JarSet, jarsHome } from '../jars.ts'
import type { ProgramPlace } from '../service.ts'

/** The one sink of its kind that Maven has, in a folder of its own below that of plugins. */
export const SINK_JARS: JarSet = {
  name: 'connect-sink',
  title: "Camel's sink",
  pom: join(import.meta.dirname, 'sink', 'pom.xml'),
  artifact: 'camel-kafka-connector',
  megabytes: 20,
}

/**
 * The folder of plugins, for a worker in a container, which has none of its own.
 * @throws KeeperError `connect-sink_jars_failed`
 */
export async function bringPlugins({ stateDir, environment, progress }: ProgramPlace): Promise<string> {
  const home = await jarsHome(SINK_JARS, join(stateDir, 'connect'), environment)
  await bringJars(SINK_JARS, home, environment, progress)
  return home
}
