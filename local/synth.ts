import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { codeOf, KeeperError } from '../lambdas/core/errors.ts'
import { cachedAssembly } from './assembly-cache.ts'
import { COMPILED } from './compiled.ts'
import { LOCAL_CONTEXT } from './differences.ts'

const ROOT = join(import.meta.dirname, '..')

/**
 * Brings the CDK app's assembly into a directory: templates and the bundles that `cdk deploy` would upload. It is
 * synthesized unless it was before, from the same files and with the same settings. `signal` ends it.
 * @param settings what this run was asked for, as context
 * @throws KeeperError `synth_failed` with what the app said
 */
export async function synthesize(
  directory: string,
  signal: AbortSignal,
  settings: Readonly<Record<string, unknown>> = {},
): Promise<void> {
  const context = contextWith(settings)
  await cachedAssembly(directory, {
    root: ROOT,
    cache: join(ROOT, '.local', 'assemblies'),
    settings: context,
    synthesize: (made) => runApp(made, signal, context),
  })
}

/**
 * Synthesizes the app with a context.
 * @throws KeeperError `synth_failed`
 */
export async function runApp(directory: string, signal: AbortSignal, context = contextWith()): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  signal.throwIfAborted()
  const child = spawn(process.execPath, ['bin/keeper.ts'], {
    cwd: ROOT,
    env: {
      ...process.env,
      ...{ CDK_OUTDIR: directory, CDK_CONTEXT_JSON: JSON.stringify(context), NODE_COMPILE_CACHE: COMPILED },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: Ctrl-C in a terminal does not reach it, and its bundlers end with it.
    detached: true,
  })
  const end = () => endGroup(child.pid)
  signal.addEventListener('abort', end)
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  }).finally(() => signal.removeEventListener('abort', end))
  signal.throwIfAborted()
  if (code === 0) return
  const said = Buffer.concat(output).toString('utf8').trim().split('\n').slice(-20).join('\n')
  throw new KeeperError('synth_failed', `The CDK app cannot be synthesized (node bin/keeper.ts):\n${said}`)
}

/** The settings of a local run: what the environment gives counts. */
const contextWith = (settings: Readonly<Record<string, unknown>> = {}): Record<string, unknown> => ({
  ...LOCAL_CONTEXT,
  ...settings,
  ...(JSON.parse(process.env.CDK_CONTEXT_JSON ?? '{}') as object),
})

function endGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  } catch (error) {
    // It ended meanwhile.
    if (codeOf(error) !== 'ESRCH') throw error
  }
}
