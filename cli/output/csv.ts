/** Comma-separated values: https://www.rfc-editor.org/rfc/rfc4180, and what spreadsheets make of them. */

/** A row of a file by the names of its columns, and its line. */
export interface CsvRow {
  /** Of the file, from 1. */
  readonly line: number
  readonly fields: Readonly<Record<string, string>>
}

/** The rows of a file whose first one names the columns; empty lines are skipped. */
export interface CsvFile {
  readonly columns: readonly string[]
  readonly rows: readonly CsvRow[]
}

/**
 * Reads a file with commas, or with semicolons or tabs as spreadsheets write them where the comma is the decimal point.
 * Names of columns are lower case.
 * @throws RangeError that names the line
 */
export function readCsv(text: string): CsvFile {
  const content = text.replace(/^\uFEFF/, '')
  const [head, ...rows] = records(content, separatorOf(content))
  if (!head) return { columns: [], rows: [] }
  const columns = head.cells.map((name) => name.trim().toLowerCase())
  return {
    columns,
    rows: rows.map(({ line, cells }) => {
      if (cells.length > columns.length) {
        throw new RangeError(
          `line ${line}: it has ${cells.length} cells, and there are ${columns.length} columns.`,
        )
      }
      const fields = Object.fromEntries(columns.map((name, index) => [name, unescaped(cells[index] ?? '')]))
      return { line, fields }
    }),
  }
}

/** The one that is most often in the first line. */
function separatorOf(text: string): string {
  const [head = ''] = text.split(/\r?\n/, 1)
  const count = (separator: string) => head.split(separator).length
  return [',', ';', '\t'].toSorted((a, b) => count(b) - count(a))[0] ?? ','
}

interface Line {
  readonly line: number
  readonly cells: readonly string[]
}

function records(text: string, separator: string): Line[] {
  const found: Line[] = []
  let cells: string[] = []
  let cell = ''
  let quotedSince = 0
  let line = 1
  let start = 1
  const endCell = () => {
    cells.push(cell)
    cell = ''
  }
  const endLine = () => {
    endCell()
    if (cells.some((each) => each.trim() !== '')) found.push({ line: start, cells })
    cells = []
  }
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? ''
    if (letter === '\n') line += 1
    if (quotedSince > 0) {
      if (letter !== '"') cell += letter
      else if (text[at + 1] === '"') {
        cell += '"'
        at += 1
      } else quotedSince = 0
    } else if (letter === '"' && cell === '') quotedSince = line
    else if (letter === separator) endCell()
    else if (letter === '\n') {
      endLine()
      start = line
    } else if (letter !== '\r' || text[at + 1] !== '\n') cell += letter
  }
  if (quotedSince > 0) throw new RangeError(`line ${quotedSince}: a quotation mark is not closed.`)
  endLine()
  return found
}

/** A spreadsheet takes a cell that begins like this for a formula. https://owasp.org/www-community/attacks/CSV_Injection */
const FORMULA = /^[=+\-@\t\r]/

/** A file's text, its lines ended as RFC 4180 has them. A cell that a spreadsheet would run gets an apostrophe first. */
export function writeCsv(columns: readonly string[], rows: readonly (readonly (string | null)[])[]): string {
  return [columns, ...rows].map((cells) => cells.map(written).join(',')).join('\r\n')
}

function written(cell: string | null): string {
  const text = cell ?? ''
  // An existing apostrophe gets another one, so that reading removes only what writing added.
  const safe = FORMULA.test(text.replace(/^'+/, '')) ? `'${text}` : text
  return /[",;\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

const unescaped = (cell: string): string =>
  cell.startsWith("'") && FORMULA.test(cell.replace(/^'+/, '')) ? cell.slice(1) : cell
