import { beforeEach, describe, expect, test } from '@jest/globals'
import type { EngineOptions } from '../../../local/engines/engine.ts'
import { startEngine } from '../../../local/engines/start-engine.ts'
import { askForKafka, askForPostgres } from '../../helpers/engines.ts'
import { machineWith } from '../../helpers/programs.ts'
import { ownDir } from '../../helpers/stoppable.ts'

const NO_ENGINE = 'echo "Cannot connect to the Docker daemon." >&2; exit 1'
const JAVA_11 = `echo 'openjdk version "11.0.27" 2025-04-15' >&2`
const JAVA_8 = `echo 'java version "1.8.0_452"' >&2`

let stateDir: string
let said: string[]
beforeEach(async () => {
  stateDir = await ownDir('state')
  said = []
})
const start = (environment: EngineOptions['environment'], kind?: EngineOptions['kind']) =>
  startEngine({
    ...{ stateDir, services: ['kafka', 'postgres'], environment, kind },
    progress: (line) => said.push(line),
  })

const refusal = async (environment: EngineOptions['environment'], kind?: EngineOptions['kind']) => {
  const error: unknown = await start(environment, kind).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'engine_prerequisite_missing' })
  return (error as Error).message
}

describe('startEngine with addresses of the user', () => {
  test('uses the Kafka and the Postgres that the environment names, and leaves them running', async () => {
    const { bootstrapServers } = await askForKafka()
    const { databaseUrl } = await askForPostgres()
    const environment = {
      ...(await machineWith({})),
      KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
      DATABASE_URL: databaseUrl,
    }
    const engine = await start(environment)
    expect(engine).toMatchObject({
      kind: 'external',
      addresses: { kafka: bootstrapServers, postgres: databaseUrl },
    })
    await engine.stop()
    await (await start(environment, 'external')).stop()
  })

  test('is refused where --kafka-port names another port than theirs', async () => {
    const { bootstrapServers } = await askForKafka()
    const { databaseUrl } = await askForPostgres()
    const started = startEngine({
      ...{ stateDir, services: ['kafka', 'postgres'], fixedPorts: { kafka: 9 } },
      environment: { KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, DATABASE_URL: databaseUrl },
      progress: () => undefined,
    })
    await expect(started).rejects.toMatchObject({
      code: 'port_not_kept',
      message: `--kafka-port is 9, and this run does not start Kafka: it is at ${bootstrapServers}.`,
    })
  })

  test('says that one of the two alone is not used', async () => {
    const environment = { ...(await machineWith({})), DATABASE_URL: 'postgresql://keeper@localhost/keeper' }
    await refusal(environment)
    expect(said).toEqual([
      'DATABASE_URL is set and KAFKA_BOOTSTRAP_SERVERS is not: an engine of your own takes both, so it is not used.',
    ])
  })

  test('asks for both settings where the external engine is forced', async () => {
    await expect(start(await machineWith({}), 'external')).rejects.toMatchObject({
      code: 'engine_settings_missing',
      message: expect.stringContaining('KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL'),
    })
  })
})

describe('startEngine where nothing can start', () => {
  test('names Java, Maven and Docker in one message where all are missing', async () => {
    const message = await refusal(await machineWith({}))
    expect(message).toMatch(/Java 17 or later: there is none on PATH\. Install one/)
    expect(message).toMatch(/Maven: there is no mvn on PATH; it brings Kafka once\. Install it/)
    expect(message).toMatch(/a Docker engine: there is no docker on PATH/)
    expect(message).toContain('Or set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL')
  })

  test('names Maven alone where Java is there', async () => {
    const message = await refusal(await machineWith({ java: 'real' }))
    expect(message).toContain('Maven: there is no mvn')
    expect(message).not.toContain('Java 17')
  })

  test('says which version a Java that is too old has', async () => {
    expect(await refusal(await machineWith({ java: JAVA_11, mvn: 'exit 0' }))).toContain(
      'Java 17 or later: the one on PATH is 11.0.27.',
    )
    expect(await refusal(await machineWith({ java: JAVA_8, mvn: 'exit 0' }))).toContain('is 1.8.0_452.')
  })

  test('looks for Java where JAVA_HOME says', async () => {
    const environment = {
      ...(await machineWith({ java: 'real', mvn: 'exit 0' })),
      JAVA_HOME: '/no/java/here',
    }
    expect(await refusal(environment)).toContain('there is none on JAVA_HOME (/no/java/here)')
  })

  test('tells a Docker engine that does not answer from a missing docker', async () => {
    const message = await refusal(await machineWith({ docker: NO_ENGINE }))
    expect(message).toContain('a Docker engine: Cannot connect to the Docker daemon. Start it.')
  })

  test('waits a few seconds at most for a docker that hangs', async () => {
    const message = await refusal(await machineWith({ docker: 'sleep 60' }))
    expect(message).toContain('a Docker engine: `docker info` does not answer.')
  })

  test('names Docker alone where containers are asked for', async () => {
    const message = await refusal(await machineWith({ docker: NO_ENGINE }), 'compose')
    expect(message).toContain('a Docker engine: Cannot connect')
    expect(message).not.toContain('Maven')
  })

  test('names compose where the engine answers without it', async () => {
    const docker = 'case "$1" in info) echo 28.0.0;; *) echo unknown command >&2; exit 1;; esac'
    expect(await refusal(await machineWith({ docker }), 'compose')).toContain(
      'Docker compose: the Docker engine',
    )
  })

  test('leaves Docker out of it where this machine is asked for', async () => {
    expect(await refusal(await machineWith({ docker: NO_ENGINE }), 'embedded')).not.toContain('Docker')
  })
})

describe('startEngine with a Maven that fails', () => {
  const MAVEN = `case "$1" in -v) echo "Apache Maven 3.9.9";; *) echo "[ERROR] Could not transfer artifact"; exit 1;; esac`

  test("shows Maven's last lines and what to do", async () => {
    const error: unknown = await start(await machineWith({ java: 'real', mvn: MAVEN })).catch(
      (thrown) => thrown,
    )
    expect(error).toMatchObject({ code: 'kafka_jars_failed', retriable: true })
    expect((error as Error).message).toContain('[ERROR] Could not transfer artifact')
    expect((error as Error).message).toContain('Check that Maven reaches its repository')
  })
})
