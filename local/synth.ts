import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { KeeperError } from '../lambdas/core/errors.ts'

const ROOT = join(import.meta.dirname, '..')

/**
 * Synthesizes the CDK app into a directory: templates and the bundles that `cdk deploy` would upload.
 * @throws KeeperError `synth_failed` with what the app said; `signal` ends it
 */
export async function synthesize(directory: string, signal: AbortSignal): Promise<void> {
  await rm(directory, { recursive: true, force: true })
  const child = spawn(process.execPath, ['bin/keeper.ts'], {
    cwd: ROOT,
    env: { ...process.env, CDK_OUTDIR: directory, CDK_VALIDATION: 'false' },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
    // Ctrl-C in a terminal reaches the whole group: this one ends by the signal alone.
    detached: true,
  })
  const output: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => output.push(chunk))
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject).once('close', resolve)
  })
  if (code === 0) return
  const said = Buffer.concat(output).toString('utf8').trim().split('\n').slice(-20).join('\n')
  throw new KeeperError('synth_failed', `The CDK app cannot be synthesized (node bin/keeper.ts):\n${said}`)
}
