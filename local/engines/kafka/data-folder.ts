import { randomBytes, randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Environment } from '../../../lambdas/core/environment.ts'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { lastLines, runCommand } from '../commands.ts'

/** A data folder and what it is formatted for. */
export interface DataFolder {
  readonly dataDir: string
  /** Path of server.properties. */
  readonly properties: string
  readonly jars: string
  readonly environment: Environment
}

/** What a new cluster begins with: versions of its features, the same in every folder that one Kafka formats. */
const CHECKPOINT = 'bootstrap.checkpoint'

/**
 * Gives the data folder its identity and the records that a new cluster begins with, once. Kafka's tool does so, which takes
 * a second of Java; what it wrote is kept among the jars of that version, and later folders get a copy.
 * https://kafka.apache.org/41/operations/kraft/ (provisioning nodes)
 * @param java the command line up to the class
 * @throws KeeperError `kafka_not_started`
 */
export async function format(folder: DataFolder, java: readonly string[]): Promise<void> {
  const { dataDir, jars } = folder
  if ((await identityOf(dataDir)) !== undefined) return
  const kept = join(jars, CHECKPOINT)
  if (!existsSync(kept)) {
    await formatByTool(folder, java)
    const partial = `${kept}.partial-${randomUUID()}`
    await copyFile(join(dataDir, CHECKPOINT), partial)
    return rename(partial, kept)
  }
  await mkdir(dataDir, { recursive: true })
  await copyFile(kept, join(dataDir, CHECKPOINT))
  // Last, as a folder with an identity is taken for a whole one.
  const properties = { version: 1, 'cluster.id': newIdentity(), 'node.id': 1, 'directory.id': newIdentity() }
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}\n`)
  const partial = join(dataDir, 'meta.properties.partial')
  await writeFile(partial, lines.join(''))
  await rename(partial, join(dataDir, 'meta.properties'))
}

async function formatByTool(
  { dataDir, properties, environment }: DataFolder,
  [command = 'java', ...args]: readonly string[],
): Promise<void> {
  const tool = [
    'kafka.tools.StorageTool',
    'format',
    '--ignore-formatted',
    '-t',
    newIdentity(),
    '-c',
    properties,
  ]
  const result = await runCommand(command, [...args, ...tool], { environment, timeoutMs: 60_000 })
  if (result.outcome === 'exited' && result.code === 0) return
  const said = result.outcome === 'exited' ? lastLines(result.stdout + result.stderr, 8) : result.outcome
  throw new KeeperError('kafka_not_started', `Kafka's data folder ${dataDir} could not be made: ${said}`)
}

/** The cluster's id, which the data folder keeps; undefined before there is one. */
export async function identityOf(dataDir: string): Promise<string | undefined> {
  const properties = await readFile(join(dataDir, 'meta.properties'), 'utf8').catch(() => '')
  return /^cluster\.id=(.+)$/m.exec(properties)?.[1]?.trim()
}

/** 16 bytes in URL-safe base64, as Kafka makes them: an id that begins with a dash would be taken for an option. */
function newIdentity(): string {
  const id = randomBytes(16).toString('base64url')
  return id.startsWith('-') ? newIdentity() : id
}
