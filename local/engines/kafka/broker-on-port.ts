import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { commandLines } from '../process-table.ts'

/** The state folder of the run whose broker listens on a port of this machine; undefined where no run's does. */
export async function stateOnPort(port: number): Promise<string | undefined> {
  const files = (await commandLines()).flatMap(
    (line) => /kafka\.Kafka (\S.*server\.properties)/.exec(line)?.[1] ?? [],
  )
  for (const file of files) {
    const properties = await readFile(file, 'utf8').catch(() => '')
    if (properties.includes(`://127.0.0.1:${port},`) || properties.includes(`://127.0.0.1:${port}\n`)) {
      return dirname(dirname(file))
    }
  }
  return undefined
}
