import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { Notes } from '../../../local/app/notes.ts'
import { ownDir } from '../../helpers/stoppable.ts'

async function notes(columns: number) {
  const file = join(await ownDir('notes'), 'notes.txt')
  const lines: string[] = []
  return { notes: new Notes(file, (line) => lines.push(line), columns), lines, file }
}

test('a line that fits is written as it is, and no file is made', async () => {
  const { notes: own, lines, file } = await notes(80)
  own.line('short')
  own.list('topics created', [])
  expect([lines, own.file, existsSync(file)]).toEqual([['short', 'topics created: none'], undefined, false])
})

test('a line that is longer than the terminal is cut, and is whole in the file that it names', async () => {
  const { notes: own, lines, file } = await notes(60)
  const names = Array.from({ length: 30 }, (_, index) => `topic-${index}`)
  own.list('topics created', names)
  own.line('x'.repeat(500))
  for (const line of lines) {
    expect(line.length).toBeLessThanOrEqual(50)
    expect(line).toMatch(/\.\.\. \(notes\.txt\)$/)
  }
  expect(own.file).toBe(file)
  expect(readFileSync(file, 'utf8')).toBe(`topics created: ${names.join(', ')}\n${'x'.repeat(500)}\n`)
  expect(own.listed(names, 'ready')).toMatch(/^30 functions ready: topic-0, .*\.\.\. \(notes\.txt\)$/)
  expect(own.listed(['one', 'two'], 'ready')).toBe('one, two: ready.')
})
