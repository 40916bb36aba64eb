import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { buildSync } from 'esbuild'

const SOURCE = join(import.meta.dirname, 'runtime', 'main.ts')
const CACHE = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache', 'keeper')

let program: string | undefined

/**
 * The file that execution environments run: the runtime as plain JavaScript. What Node needs to read TypeScript would
 * take half of a process's start, and 20 MB of the function's memory. Where it cannot be written, it is the source.
 */
export function runtimeProgram(): string {
  program ??= write()
  return program
}

/** Its name goes by what it holds: checkouts and runs at the same time may share it. */
function write(): string {
  const { outputFiles } = buildSync({
    entryPoints: [SOURCE],
    bundle: true,
    platform: 'node',
    format: 'esm',
    write: false,
  })
  const text = outputFiles[0]?.text ?? ''
  const file = join(CACHE, `runtime-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.mjs`)
  if (existsSync(file)) return file
  const part = `${file}.${randomUUID()}`
  try {
    mkdirSync(CACHE, { recursive: true })
    writeFileSync(part, text)
    renameSync(part, file)
    return file
  } catch {
    return SOURCE
  }
}
