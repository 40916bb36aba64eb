import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readState } from '../../local/run-state.ts'
import { freshDatabase } from '../helpers/database.ts'
import { stoppableBroker } from '../helpers/stoppable.ts'
import { until } from '../local/until.ts'

const ROOT = join(import.meta.dirname, '..', '..')

/** One `npm run local` without schedules and without the watches of a first run, and the command `keeper` against it. */
export async function runningKeeper() {
  const [broker, database] = await Promise.all([stoppableBroker(), freshDatabase()])
  const directory = await mkdtemp(join(tmpdir(), 'keeper-cli-'))
  const args = ['--state', directory, '--engine', 'external', '--no-schedules']
  const local = spawn(process.execPath, [join(ROOT, 'local', 'run.ts'), ...args], {
    env: { ...process.env, KAFKA_BOOTSTRAP_SERVERS: broker.bootstrapServers, DATABASE_URL: database.url },
    stdio: 'ignore',
  })
  await until(() => readState(join(directory, 'run.json')), 60_000)
  await database.pool.query('delete from users; delete from watched_products')

  /** Runs `keeper` without a terminal; `input` is piped in. */
  const keeper = async (args: readonly string[], input = '', environment: Record<string, string> = {}) => {
    const { KEEPER_USER: _, ...env } = process.env
    const child = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), '--state', directory, ...args], {
      env: { ...env, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    // A command that needs no input may have ended.
    child.stdin.on('error', () => undefined).end(input)
    const [out, said] = [child.stdout, child.stderr].map(async (stream) => {
      let text = ''
      for await (const chunk of stream) text += chunk
      return text
    })
    const [code] = await once(child, 'close')
    return { code, out: (await out) ?? '', said: (await said) ?? '' }
  }
  return {
    database,
    directory,
    keeper,
    json: async (...args: string[]) => JSON.parse((await keeper(['--json', ...args])).out),
    close: async () => {
      local.kill('SIGINT')
      if (local.exitCode === null) await once(local, 'close')
      await rm(directory, { recursive: true, force: true })
      await database.drop()
      await broker.dispose()
    },
  }
}
