import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { buildProgram } from '../program.ts'
import { page } from './page.ts'
import { type RunKeeper, runExamples } from './run-examples.ts'

/** `npm run document-cli`: writes docs/cli.md, with what commands print on a Keeper that it starts and stops. */

const ROOT = join(import.meta.dirname, '..', '..')
const START_MS = 120_000

const folder = await mkdtemp(join(tmpdir(), 'keeper-document-'))
const state = join(folder, 'state')
const local = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), '--state', state, '--no-schedules'], {
  stdio: ['ignore', 'ignore', 'inherit'],
})
try {
  const bootstrapServers = await started(local)
  const program = buildProgram()
  const outputs = await runExamples(program, keeper, { bootstrapServers, folder })
  await writeFile(join(ROOT, 'docs', 'cli.md'), page(program, outputs))
} finally {
  local.kill('SIGINT')
  if (local.exitCode === null) await once(local, 'close')
  await rm(folder, { recursive: true, force: true })
}

async function started(run: ChildProcess): Promise<string> {
  const deadlineMs = Date.now() + START_MS
  while (Date.now() < deadlineMs && run.exitCode === null) {
    const text = await readFile(join(state, 'run.json'), 'utf8').catch(() => undefined)
    if (text !== undefined) return (JSON.parse(text) as { kafka: string }).kafka
    await sleep(200)
  }
  throw new Error('npm run local did not start.')
}

function keeper(args: Parameters<RunKeeper>[0]): Promise<string> {
  const { KEEPER_USER: _, ...env } = process.env
  const words = [join(ROOT, 'cli', 'keeper.js'), '--state', state, ...args]
  return new Promise((resolve) => {
    execFile(process.execPath, words, { cwd: folder, env }, (_error, out, said) => resolve(out + said))
  })
}
