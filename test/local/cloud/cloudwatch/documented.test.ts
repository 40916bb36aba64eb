import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const ROOT = join(import.meta.dirname, '..', '..', '..', '..')
const PAGE = readFileSync(join(ROOT, 'docs', 'local-aws.md'), 'utf8')
const [, SECTION = ''] = /^## CloudWatch\n(.*?)(?=^## |$(?![\s\S]))/ms.exec(PAGE) ?? []

/** Files of tests that the section's table names, each with parts of titles. */
const documented = [...SECTION.matchAll(/\| ([^|]+) \|$/gm)]
  .flatMap(([, cell = '']) => cell.split('; '))
  .flatMap((named) => {
    const [, file, titles] = /^`([\w./-]+\.test\.ts)`(?:, (.+))?$/.exec(named) ?? []
    return file === undefined ? [] : [{ file, titles: titles?.split(', ') ?? [] }]
  })

test.each(documented)('the page names a test that exists: $file, $titles', ({ file, titles }) => {
  const path = file.includes('/') ? join(ROOT, file) : join(import.meta.dirname, file)
  const source = readFileSync(path, 'utf8')
  for (const title of titles) expect(source).toContain(title)
})

test('the page names every file of tests, but of what alarms and pages are read from', () => {
  const named = new Set(documented.map(({ file }) => file))
  const files = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.test.ts'))
  expect(files.filter((name) => !named.has(name)).sort()).toEqual([
    'alarm-resource.test.ts',
    'documented.test.ts',
    'log-follower.test.ts',
  ])
})
