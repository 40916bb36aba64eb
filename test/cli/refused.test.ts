import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { keeperHere } from './in-process.ts'

/** What is not understood is refused before a Keeper is looked for, so that nothing is done by halves. */

let state: string
beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'keeper-refused-'))
})
afterAll(() => rm(state, { recursive: true, force: true }))

test.each([
  ['watches add B07W6JN8V8 --drop 150%', '"150%" is not a drop: write one like 15%'],
  ['watches add B07W6JN8V8 --drop=', '"" is not a drop'],
  ['watches add B07W6JN8V8 --below-lowest 3w', '"3w" is not a number of days: write one like 90d'],
  ['console --port 99999', 'It is a port, 65535 at most.'],
])('%s', async (line, reason) => {
  expect(await keeperHere(['--state', state, ...line.split(' ')])).toMatchObject({
    ...{ code: 2, out: '', said: expect.stringContaining(reason) },
  })
})

test('what is understood is looked for, and not found here', async () => {
  const line = ['watches', 'add', 'B07W6JN8V8', '--drop', '15%']
  expect(await keeperHere(['--state', state, ...line])).toMatchObject({ code: 3 })
})
