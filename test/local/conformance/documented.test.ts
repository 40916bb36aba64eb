import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/local-aws.md'), 'utf8')

/** File and title of each test that the page's tables name. */
const documented = [...PAGE.matchAll(/\| `([a-z-]+)`: (.+) \|$/gm)].map(([, file, title]) => ({
  file,
  title,
}))

describe('the page of what is emulated', () => {
  test.each(documented)('names a test that exists: $file, $title', ({ file, title }) => {
    const source = readFileSync(join(import.meta.dirname, `${file}.test.ts`), 'utf8').replaceAll("\\'", "'")
    expect(source).toContain(title)
  })

  test('names every file of conformance tests', () => {
    const files = readdirSync(import.meta.dirname).filter((name) => /^mapping-.*\.test\.ts$/.test(name))
    const named = new Set(documented.map(({ file }) => `${file}.test.ts`))
    expect([...named].sort()).toEqual(files.sort())
  })
})
