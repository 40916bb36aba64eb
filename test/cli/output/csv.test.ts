import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readCsv, writeCsv } from '../../../cli/output/csv.ts'

describe('readCsv', () => {
  test('reads what a German spreadsheet writes: semicolons, decimal commas, a byte order mark, CRLF', () => {
    const text = '\uFEFFASIN;Target;User\r\nB07W6JN8V8;44,99;ada@example.com\r\n\r\n'
    expect(readCsv(text)).toEqual({
      columns: ['asin', 'target', 'user'],
      rows: [{ line: 2, fields: { asin: 'B07W6JN8V8', target: '44,99', user: 'ada@example.com' } }],
    })
  })

  test('counts lines within quotation marks, and leaves missing cells empty', () => {
    const { rows } = readCsv('asin,title\nA,"two\nlines, ""quoted"""\n\nB\n')
    expect(rows).toEqual([
      { line: 2, fields: { asin: 'A', title: 'two\nlines, "quoted"' } },
      { line: 5, fields: { asin: 'B', title: '' } },
    ])
  })

  test.each([
    ['a,b\n1,2,3', 'line 2: it has 3 cells, and there are 2 columns.'],
    ['a,b\n1,2\n"open', 'line 3: a quotation mark is not closed.'],
  ])('names the line of what it cannot read: %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message)
  })
})

describe('writeCsv', () => {
  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', "'=1"])('keeps %j from being a formula', (cell) => {
    const [, written = ''] = writeCsv(['title'], [[cell]]).split('\r\n')
    expect(written.replace(/^"/, '').startsWith("'")).toBe(true)
  })

  test('is read back as it was', () => {
    const cell = fc.string({ unit: fc.constantFrom(...`abcäö ,;"'=+-@\t\r\n€1.`) })
    const rows = fc.array(fc.tuple(fc.constant('x'), cell, cell))
    fc.assert(
      fc.property(rows, (cells) => {
        const read = readCsv(writeCsv(['asin', 'title', 'user'], cells)).rows
        expect(read.map(({ fields }) => [fields.asin, fields.title, fields.user])).toEqual(cells)
      }),
    )
  })
})
