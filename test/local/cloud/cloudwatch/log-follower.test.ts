import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from '@jest/globals'
import { LogFollower } from '../../../../local/cloud/cloudwatch/log-follower.ts'
import { ownDir } from '../../../helpers/stoppable.ts'

let file: string
let lines: string[]
beforeEach(async () => {
  file = join(await ownDir('log'), 'billing.log')
  lines = []
})

const follow = () => new LogFollower(file, (line) => lines.push(line))

test('gives what is added, line by line, and not what earlier runs left', async () => {
  await writeFile(file, 'of an earlier run\n')
  const log = follow()
  await appendFile(file, 'first\nsecond\nhal')
  await log.read()
  expect(lines).toEqual(['first', 'second'])
  await appendFile(file, 'f €\n')
  await Promise.all([log.read(), log.read()])
  expect(lines).toEqual(['first', 'second', 'half €'])
})

test('waits for a log that is not there yet, and begins anew in one that was emptied', async () => {
  const log = follow()
  await log.read()
  await writeFile(file, 'first line\n')
  await log.read()
  await writeFile(file, 'again\n')
  await log.read()
  expect(lines).toEqual(['first line', 'again'])
})

test('leaves out a line that is longer than any metrics, and goes on behind it', async () => {
  const log = follow()
  await writeFile(file, `${'x'.repeat(3 * 1024 * 1024)}\nnext\n`)
  await log.read()
  expect(lines.at(-1)).toBe('next')
  expect(lines.length).toBeLessThanOrEqual(2)
})
