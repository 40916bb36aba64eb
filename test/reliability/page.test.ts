import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { CASES } from './cases.ts'
import { page, partsOf } from './page.ts'

const TESTS = join(import.meta.dirname, '..')

test('docs/reliability.md is what `npm run document-reliability` writes', () => {
  expect(readFileSync(join(TESTS, '..', 'docs', 'reliability.md'), 'utf8')).toBe(page())
})

test('each case names tests that exist', () => {
  const named = Object.values(CASES).flatMap((cases) => cases.flatMap(({ tests }) => tests))
  const missing = named.filter((each) => {
    const [file, title] = partsOf(each)
    const path = join(TESTS, `${file}.test.ts`)
    return !existsSync(path) || !readFileSync(path, 'utf8').replaceAll("\\'", "'").includes(title)
  })
  expect(missing).toEqual([])
  expect(named.length).toBeGreaterThan(100)
})
