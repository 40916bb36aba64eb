import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { MUTATIONS } from './mutations.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** `npm run mutate` itself takes minutes: here only that it still can. */
test('each guard that is broken on purpose is where the list says, and its tests exist', () => {
  const wrong = MUTATIONS.flatMap(({ guard, file, from, tests }) => {
    const places = readFileSync(join(ROOT, file), 'utf8').split(from).length - 1
    const missing = tests.filter((name) => !existsSync(join(ROOT, 'test', `${name}.test.ts`)))
    return places === 1 && missing.length === 0 ? [] : [{ guard, places, missing }]
  })
  expect(wrong).toEqual([])
  expect(MUTATIONS.length).toBeGreaterThanOrEqual(12)
})
