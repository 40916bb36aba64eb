import { styleText } from 'node:util'

/** A column: its heading, and how its cells are set. */
export interface Column<Row> {
  readonly name: string
  readonly cell: (row: Row) => string | number | null
  readonly align?: 'left' | 'right'
  /** Whether the column gives way where the terminal is too narrow; it is cut with an ellipsis. */
  readonly shrinks?: true
}

const GAP = '  '
const LEAST_WIDTH = 8

const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' })

/** Rows under headings, no wider than `width` columns where a column may shrink. */
export function table<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const cells = rows.map((row) => columns.map(({ cell }) => clean(String(cell(row) ?? '-'))))
  const widths = columns.map(({ name }, index) =>
    Math.max(widthOf(name), ...cells.map((line) => widthOf(line[index] ?? ''))),
  )
  const total = widths.reduce((sum, each) => sum + each, 0) + GAP.length * (columns.length - 1)
  const shrinking = columns.findIndex(({ shrinks }) => shrinks)
  if (total > width && shrinking >= 0) {
    widths[shrinking] = Math.max(LEAST_WIDTH, (widths[shrinking] ?? 0) - (total - width))
  }
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => padded(text, widths[index] ?? 0, columns[index]?.align ?? 'left'))
      .join(GAP)
      .trimEnd()
  const heading = styleText('bold', line(columns.map(({ name }) => name)), { stream: process.stdout })
  return [heading, ...cells.map(line)].join('\n')
}

/** What market and messages bring is data: control characters, terminal escapes among them, are not printed. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

export const clean = (text: string): string => text.replaceAll(CONTROLS, '\ufffd')

/** Columns that a text takes in a terminal: wide characters (East Asian, emoji) take two. */
export const widthOf = (text: string): number =>
  [...graphemes.segment(text)].reduce((sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1), 0)

const WIDE =
  /\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u

function padded(text: string, width: number, align: 'left' | 'right'): string {
  const cut = widthOf(text) > width ? shorten(text, width) : text
  const pad = ' '.repeat(Math.max(0, width - widthOf(cut)))
  return align === 'right' ? pad + cut : cut + pad
}

function shorten(text: string, width: number): string {
  let short = ''
  for (const { segment } of graphemes.segment(text)) {
    if (widthOf(short + segment) > width - 1) break
    short += segment
  }
  return `${short}…`
}
