import { AsyncLocalStorage } from 'node:async_hooks'
import { Readable, Writable } from 'node:stream'
import { exitCodeOf } from '../../cli/exit-code.ts'
import { buildProgram } from '../../cli/program.ts'

/** What a command has done. */
export interface Done {
  readonly code: number | null
  readonly out: string
  readonly said: string
}

type Output = 'out' | 'said'

/** What the command has written that runs here; several run side by side. */
const written = new AsyncLocalStorage<Record<Output, string>>()

const into = (output: Output): Writable =>
  new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      const texts = written.getStore()
      if (texts) texts[output] += chunk
      done()
    },
  })

// Of the test file's own `process`, which jest makes for it: a command sees no terminal, and nobody's settings.
delete process.env.KEEPER_USER
Object.defineProperties(process, {
  stdin: { value: Readable.from([]) },
  stdout: { value: into('out') },
  stderr: { value: into('said') },
})

/**
 * Runs `keeper` in this process, without a terminal: starting one takes a quarter of a second of the processor, and
 * test/cli/bin.test.ts and those that pipe, follow or name a stage do it.
 */
export async function keeperHere(given: readonly string[]): Promise<Done> {
  const texts = { out: '', said: '' }
  const code = await written.run(texts, () => exitCodeOf(buildProgram(), ['node', 'keeper', ...given]))
  return { code, ...texts }
}
