import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The keys of links, as their secret on AWS holds them: made once, so that the links of an older run's mails work. */
export async function localLinkKeys(stateDirectory: string): Promise<string> {
  const file = join(stateDirectory, 'link-keys.json')
  const kept = await readFile(file, 'utf8').catch(() => undefined)
  if (kept !== undefined) return kept
  const made = JSON.stringify({ current: randomBytes(32).toString('hex') })
  await writeFile(file, made, { mode: 0o600 })
  return made
}
