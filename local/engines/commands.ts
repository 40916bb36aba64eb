import { spawn } from 'node:child_process'
import type { Environment } from '../../lambdas/core/environment.ts'

/** How a program that was run to its end ended. */
export type CommandResult =
  | { readonly outcome: 'exited'; readonly code: number; readonly stdout: string; readonly stderr: string }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'timed-out' }

/** How a program is run: where it is looked for (PATH), and how long it may take. */
export interface CommandOptions {
  readonly environment: Environment
  readonly timeoutMs: number
  /** User to run as; only root can choose one. */
  readonly user?: { readonly uid: number; readonly gid: number }
}

/** Runs a program to its end. Never throws: a program that is missing or too slow is an outcome. */
export type CommandRunner = (
  command: string,
  args: readonly string[],
  options: CommandOptions,
) => Promise<CommandResult>

export const runCommand: CommandRunner = (command, args, { environment, timeoutMs, user }) =>
  new Promise((resolve) => {
    // Its own process group, so that a Ctrl-C in the terminal reaches only us and the time limit ends all of it.
    const child = spawn(command, args, {
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      cwd: '/',
      ...user,
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const timer = setTimeout(() => {
      resolve({ outcome: 'timed-out' })
      if (child.pid !== undefined) killGroup(child.pid)
    }, timeoutMs)
    child.once('error', () => {
      clearTimeout(timer)
      resolve({ outcome: 'missing' })
    })
    child.once('close', (code) => {
      clearTimeout(timer)
      resolve({ outcome: 'exited', code: code ?? 1, stdout, stderr })
    })
  })

const killGroup = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It ended in the meantime.
  }
}

/** The last lines of what a program wrote, without colours: what a reader needs of a failure. */
export const lastLines = (text: string, count: number): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colour codes begin with the escape character
    .replaceAll(/\u001b\[[0-9;]*m/g, '')
    .trimEnd()
    .split('\n')
    .slice(-count)
    .join('\n')
