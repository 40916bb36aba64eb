import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { format, identityOf } from '../../../../local/engines/kafka/data-folder.ts'
import { ownDir } from '../../../helpers/stoppable.ts'

/** In place of Java and Kafka's tool: writes what the tool writes. */
const TOOL = `mkdir -p data
printf 'version=1\\ncluster.id=of-the-tool\\nnode.id=1\\ndirectory.id=first\\n' > data/meta.properties
printf 'features' > data/bootstrap.checkpoint`

test('Kafka formats the first folder; others have what it wrote, an identity of their own, and keep it', async () => {
  const dir = await ownDir('format')
  const jars = join(dir, 'jars')
  await mkdir(jars)
  const dataDirOf = (name: string) => join(dir, name, 'data')
  const formatted = async (name: string, script = TOOL) => {
    await mkdir(join(dir, name), { recursive: true })
    const properties = join(dir, name, 'server.properties')
    const folder = { dataDir: dataDirOf(name), properties, jars, environment: process.env }
    await format(folder, ['/bin/sh', '-c', `cd "${join(dir, name)}"; ${script}`])
    return {
      identity: await identityOf(dataDirOf(name)),
      meta: await readFile(join(dataDirOf(name), 'meta.properties'), 'utf8'),
      checkpoint: await readFile(join(dataDirOf(name), 'bootstrap.checkpoint'), 'utf8'),
    }
  }
  await expect(formatted('failing', 'echo no space >&2; exit 1')).rejects.toMatchObject({
    code: 'kafka_not_started',
    message: expect.stringContaining('no space'),
  })
  expect(await formatted('first')).toMatchObject({ identity: 'of-the-tool', checkpoint: 'features' })
  const second = await formatted('second', 'exit 1')
  expect(second.checkpoint).toBe('features')
  expect(second.meta).toMatch(/^version=1\ncluster\.id=[\w-]{22}\nnode\.id=1\ndirectory\.id=[\w-]{22}\n$/)
  expect((await formatted('third')).identity).not.toBe(second.identity)
  await writeFile(join(jars, 'bootstrap.checkpoint'), 'of another')
  expect(await formatted('second')).toEqual(second)
})
