import { rmSync, writeFileSync } from 'node:fs'
import { basename } from 'node:path'

/** What a terminal's line has room for where its width is not known. */
const USUAL_COLUMNS = 100

/** The time before each line of a run. */
const STAMP_COLUMNS = 10

/** Lines that fit a terminal: the rest of a longer one is in a file, which the line names. */
export class Notes {
  readonly #file: string
  readonly #say: (line: string) => void
  readonly #columns: number
  #written = ''

  constructor(file: string, say: (line: string) => void, columns = process.stdout.columns ?? USUAL_COLUMNS) {
    this.#file = file
    this.#say = say
    this.#columns = columns - STAMP_COLUMNS
    rmSync(file, { force: true })
  }

  /** Where the rest of the lines is; undefined where all fitted. */
  get file(): string | undefined {
    return this.#written === '' ? undefined : this.#file
  }

  line(text: string): void {
    if (text.length <= this.#columns) this.#say(text)
    else this.#say(this.#cut(text, text))
  }

  /** Names, of which those that fit are shown. */
  list(title: string, names: readonly string[]): void {
    this.line(`${title}: ${names.join(', ') || 'none'}`)
  }

  /** Functions' names and what they all are, in a line. */
  listed(names: readonly string[], what: string): string {
    const all = `${names.join(', ')}: ${what}.`
    if (all.length <= this.#columns) return all
    return this.#cut(`${names.length} functions ${what}: ${names.join(', ')}`, all)
  }

  #cut(shown: string, whole: string): string {
    this.#written += `${whole}\n`
    writeFileSync(this.#file, this.#written)
    const where = `... (${basename(this.#file)})`
    return `${shown.slice(0, this.#columns - where.length).trimEnd()}${where}`
  }
}
