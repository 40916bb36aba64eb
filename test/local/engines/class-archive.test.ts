import { readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { classArchive } from '../../../local/engines/class-archive.ts'
import { ownDir } from '../../helpers/stoppable.ts'

const java = { command: 'java', version: '17.0.15' }
const fileIn = (flags: readonly string[]): string => flags.at(-1)?.split('=')[1] ?? ''

test('an archive is written at the first orderly end and used from then on', async () => {
  const jars = await ownDir('archive')
  const first = await classArchive(jars, java)
  expect(first.flags.join(' ')).toContain('-XX:ArchiveClassesAtExit=')
  await writeFile(fileIn(first.flags), 'classes')
  await first.keep()
  const second = await classArchive(jars, java)
  expect(second.flags).toEqual(['-Xshare:auto', `-XX:SharedArchiveFile=${join(jars, 'classes-17.0.15.jsa')}`])
})

test('a broker that was killed leaves no archive, and another Java begins its own', async () => {
  const jars = await ownDir('archive')
  await (await classArchive(jars, java)).keep()
  expect(await readdir(jars)).toEqual([])
  const first = await classArchive(jars, java)
  await writeFile(fileIn(first.flags), 'classes')
  await first.keep()
  expect((await classArchive(jars, { ...java, version: '21.0.7' })).flags.join(' ')).toContain('AtExit')
})

test('a broker that could not start leaves no archive, and what it said last is the end of its log', async () => {
  const jars = await ownDir('archive')
  const { flags, discard } = await classArchive(jars, java)
  expect(flags).toContain('-Xlog:cds*=off')
  await writeFile(fileIn(flags), 'classes')
  await discard()
  expect(await readdir(jars)).toEqual([])
})

test('of two brokers that end together, one archive is kept', async () => {
  const jars = await ownDir('archive')
  const both = await Promise.all([classArchive(jars, java), classArchive(jars, java)])
  for (const { flags } of both) await writeFile(fileIn(flags), 'classes')
  for (const { keep } of both) await keep()
  expect(await readdir(jars)).toEqual(['classes-17.0.15.jsa'])
})
