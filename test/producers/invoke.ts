import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { pathToFileURL } from 'node:url'
import type { Environment } from '../../lambdas/core/environment.ts'
import type { LogFields } from '../../lambdas/core/logger.ts'

/** What an invocation answered, and every line that it wrote to standard output. */
export interface Invocation {
  readonly result?: unknown
  readonly error?: { readonly name: string; readonly code?: string; readonly message: string }
  readonly lines: readonly LogFields[]
  readonly stderr: string
}

// Lambda's runtime in short: the handler is loaded once, then called with an event and a context.
const RUNTIME = `
const [file, input, remainingMs, haste] = process.argv.slice(1)
const wait = setTimeout
if (haste !== '1') globalThis.setTimeout = (work, ms, ...args) => wait(work, ms / haste, ...args)
const started = Date.now()
const context = {
  functionName: 'test', awsRequestId: 'request-1',
  getRemainingTimeInMillis: () => Number(remainingMs) - (Date.now() - started),
}
const answer = (value) => process.send(value, () => process.exit())
import(file).then(({ handler }) => handler(JSON.parse(input), context)).then(
  (result) => answer({ result }),
  ({ name, code, message }) => answer({ error: { name, code, message } }),
)
`

/**
 * Invokes the `handler` of a module once, in a process of its own with this environment and nothing of the test's.
 * @param haste how many times sooner the process's timers come: pauses between tries take that much less
 */
export async function invoke(
  file: string,
  environment: Environment,
  input: unknown = {},
  remainingMs = 600_000,
  haste = 1,
): Promise<Invocation> {
  const url = pathToFileURL(file).href
  const args = [url, JSON.stringify(input), String(remainingMs), String(haste)]
  const child = spawn(process.execPath, ['-e', RUNTIME, ...args], {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let answer: object = {}
  child.on('message', (message: object) => {
    answer = message
  })
  if (!child.stdout || !child.stderr) throw new Error('The process has no streams.')
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line): LogFields => JSON.parse(line))
  return { ...answer, lines, stderr }
}
