import { readFile, writeFile } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { projectOf } from '../../../local/engines/compose.ts'
import type { Engine, EngineOptions } from '../../../local/engines/engine.ts'
import { freePort } from '../../../local/engines/ports.ts'
import { startEngine } from '../../../local/engines/start-engine.ts'
import { askForKafka, askForPostgres } from '../../helpers/engines.ts'
import { machineWith } from '../../helpers/programs.ts'
import { ownDir } from '../../helpers/stoppable.ts'

let dir: string
let forwarder: Server | undefined
beforeEach(async () => {
  dir = await ownDir('compose')
})
afterEach(() => void forwarder?.close())

/**
 * A docker that writes down what it is asked, and says that some of the services run: it stands in for Docker, whose
 * engine tests cannot count on. The services are those of the test run.
 */
const docker = async (runningServices: readonly string[], up = 'exit 0') => {
  const { bootstrapServers } = await askForKafka()
  const port = new URL((await askForPostgres()).databaseUrl).port
  return `
echo "$KAFKA_PORT $POSTGRES_PORT $*" >> "${dir}/calls"
case "$*" in
  info*) echo 28.0.0;;
  *" ps "*) printf '%s\\n' ${runningServices.join(' ')};;
  *" port kafka 9092") echo 127.0.0.1:${bootstrapServers.split(':')[1]};;
  *" port postgres 5432") echo 127.0.0.1:${port};;
  *" up "*) ${up};;
esac`
}

const calls = async (): Promise<string[]> =>
  (await readFile(join(dir, 'calls'), 'utf8').catch(() => ''))
    .trim()
    .split('\n')
    .map((line) =>
      line
        .trim()
        .replace(
          /compose --project-name keeper-[0-9a-f]{12} --file .*\/local\/docker-compose\.yml/,
          'compose',
        ),
    )

const start = async (script: string, options: Partial<EngineOptions> = {}): Promise<Engine> =>
  startEngine({
    stateDir: dir,
    services: ['kafka', 'postgres'],
    environment: await machineWith({ docker: script }),
    progress: () => undefined,
    ...options,
  })

test('each state folder has a project of its own, of characters that compose takes', () => {
  const projects = ['/home/a/.local', '/home/b/.local', '/tmp/x y ü'].map(projectOf)
  expect(new Set(projects).size).toBe(3)
  for (const project of projects) expect(project).toMatch(/^[a-z0-9][a-z0-9_-]*$/)
})

describe('an app with a Docker engine', () => {
  test('uses Kafka alone where no Postgres is wanted, and starts no other container', async () => {
    const engine = await start(await docker(['kafka']), { services: ['kafka'] })
    const { bootstrapServers } = await askForKafka()
    expect(engine).toMatchObject({ kind: 'compose', addresses: { kafka: bootstrapServers } })
    await engine.stop()
    const asked = await calls()
    expect(asked.filter((call) => / up /.test(call))).toEqual([
      expect.stringMatching(/compose up -d --wait kafka$/),
    ])
    expect(asked.filter((call) => / stop /.test(call))).toEqual([])
  })

  test('uses a Postgres that runs already as it is, and starts none for it', async () => {
    const { databaseUrl } = await askForPostgres()
    const engine = await start(await docker(['kafka']), { given: { postgres: databaseUrl } })
    expect(engine).toMatchObject({ kind: 'compose', addresses: { postgres: databaseUrl } })
    expect((await calls()).some((call) => / up .* kafka$/.test(call))).toBe(true)
  })
})

describe('startEngine with a Docker engine', () => {
  test('uses containers that run already on the ports that they have, and leaves them running', async () => {
    const engine = await start(await docker(['kafka', 'postgres']))
    const { bootstrapServers } = await askForKafka()
    const { port } = new URL((await askForPostgres()).databaseUrl)
    expect(engine).toMatchObject({
      kind: 'compose',
      addresses: { kafka: bootstrapServers, postgres: `postgresql://keeper:keeper@localhost:${port}/keeper` },
    })
    await engine.stop()
    const made = await calls()
    expect(made).toContain(`${bootstrapServers.split(':')[1]} ${port} compose up -d --wait kafka postgres`)
    expect(made.filter((call) => call.includes('stop'))).toEqual([])
  })

  test('stops only the containers that it started', async () => {
    const postgresPort = await freePort()
    const starting = start(await docker(['kafka']), { ports: { postgres: postgresPort } })
    // What `up` would start: a Postgres that answers on the port that it was given.
    const target = Number(new URL((await askForPostgres()).databaseUrl).port)
    while (!(await calls()).some((call) => call.endsWith('up -d --wait kafka postgres'))) await sleep(20)
    forwarder = createServer((socket) => {
      const other = connect(target, '127.0.0.1')
      for (const end of [socket, other]) end.on('error', () => undefined)
      socket.pipe(other).pipe(socket)
    }).listen(postgresPort, '127.0.0.1')
    const engine = await starting
    await engine.stop()
    expect((await calls()).at(-1)).toMatch(/compose stop postgres$/)
  })

  test('deletes the volumes first where a fresh start is asked for', async () => {
    const engine = await start(await docker(['kafka', 'postgres']), { fresh: true })
    await engine.stop()
    const made = (await calls()).map((call) => call.replace(/^[\d ]+/, ''))
    expect(made.indexOf('compose down --volumes')).toBeGreaterThan(-1)
    expect(made.indexOf('compose down --volumes')).toBeLessThan(
      made.indexOf('compose up -d --wait kafka postgres'),
    )
  })

  test("shows Docker's last lines and stops what it had begun where the containers do not come up", async () => {
    await writeFile(join(dir, 'calls'), '')
    const script = await docker([], 'echo "no space left on device" >&2; exit 1')
    await expect(start(script)).rejects.toMatchObject({
      code: 'compose_failed',
      message: expect.stringContaining('no space left on device'),
    })
    expect((await calls()).at(-1)).toMatch(/compose stop kafka postgres$/)
  })
})
