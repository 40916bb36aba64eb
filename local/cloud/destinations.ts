import { randomUUID } from 'node:crypto'
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Leaves a document where a queue, a topic of SNS, a bucket or an event bus would take it: a file of its own in the
 * folder `name` of `directory`. It appears whole, under a name that sorts by time.
 */
export async function writeDocument(
  directory: string,
  name: string,
  atMs: number,
  document: unknown,
): Promise<void> {
  const folder = join(directory, name)
  const at = new Date(atMs).toISOString().replaceAll(':', '.')
  const file = join(folder, `${at}-${randomUUID()}.json`)
  await mkdir(folder, { recursive: true })
  await writeFile(`${file}.part`, JSON.stringify(document, undefined, 2))
  await rename(`${file}.part`, file)
}
