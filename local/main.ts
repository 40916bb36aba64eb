import { join, resolve } from 'node:path'
import { messageOf } from '../lambdas/core/errors.ts'
import { quietTimeoutWarning } from '../lambdas/core/kafka/quiet-timeout-warning.ts'
import { otherApp } from './app/other-app.ts'
import { keeper } from './keeper.ts'
import { readOptions, USAGE } from './options.ts'
import { restIdleConnections } from './resting-connections.ts'
import { takeRunLock } from './run-state.ts'
import { createScreen, type Screen } from './screen.ts'
import { notAll, start } from './start.ts'
import { StopStack } from './stop-stack.ts'

/** `npm run local`: the whole pipeline on this machine, as the CDK app describes it, until Ctrl-C. */

const STATE_DIRECTORY = join(import.meta.dirname, '..', '.local')

/** The exit code of a run in which parts of the app could not run. */
const PARTLY = 3

/** npm passes on the Ctrl-C that the terminal has sent already, so the same wish comes twice. */
const SAME_WISH_MS = 500

process.exit(await main(process.argv.slice(2)))

async function main(args: readonly string[]): Promise<number> {
  quietTimeoutWarning()
  restIdleConnections()
  const screen = createScreen(process.stdout)
  const stopping = stopOnSignal(screen)
  const stops = new StopStack()
  let notRunning = 0
  try {
    const options = readOptions(args)
    if (options.help) {
      console.log(USAGE)
      return 0
    }
    const stateDirectory = resolve(options.state ?? STATE_DIRECTORY)
    const lock = await takeRunLock(stateDirectory)
    stops.push(lock.release)
    const run = { options, screen, stopping, stops, lock, stateDirectory }
    const app = options.assembly === undefined ? keeper(run) : await otherApp(run, options.assembly)
    notRunning = await start(run, app)
    return notRunning > 0 ? PARTLY : 0
  } catch (error) {
    if (stopping.aborted) return 0
    console.error(`\n${messageOf(error)}`)
    return 1
  } finally {
    const nothingStarted = stops.isEmpty
    screen.close()
    for (const failure of await stops.stopAll()) console.error(messageOf(failure))
    if (!nothingStarted) screen.line('everything that this run started has stopped')
    if (notRunning > 0) screen.line(notAll(notRunning))
  }
}

/** The first Ctrl-C stops in order; a second one ends at once, and what is left ends with this process. */
function stopOnSignal(screen: Screen): AbortSignal {
  const controller = new AbortController()
  let firstAt: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (firstAt !== undefined && Date.now() - firstAt > SAME_WISH_MS) process.exit(130)
      if (firstAt !== undefined) return
      firstAt = Date.now()
      screen.close()
      screen.line('stopping (press Ctrl-C again to stop at once)')
      controller.abort()
    })
  }
  return controller.signal
}
