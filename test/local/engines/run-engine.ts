/**
 * A program that starts the embedded engine as `npm run local` does: run-engine.ts <state folder> <Kafka's port>
 * <Postgres's port>. Prints `ready <database URL>`; on SIGINT it looks whether Postgres still answers, stops the
 * engine, and says both.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { quietTimeoutWarning } from '../../../lambdas/core/kafka/quiet-timeout-warning.ts'
import { waitForPostgres } from '../../../local/engines/readiness.ts'
import { addressOf } from '../../../local/engines/service.ts'
import { startEngine } from '../../../local/engines/start-engine.ts'

quietTimeoutWarning()
const [stateDir = '', kafkaPort, postgresPort] = process.argv.slice(2)
const engine = await startEngine({
  stateDir,
  kind: 'embedded',
  services: ['kafka', 'postgres'],
  ports: { kafka: Number(kafkaPort), postgres: Number(postgresPort) },
  progress: (line) => console.log(line),
  environment: process.env,
})
const alive = setInterval(() => undefined, 1_000)
process.once('SIGINT', async () => {
  await sleep(500)
  await waitForPostgres(addressOf(engine, 'postgres'), { timeoutMs: 0 })
  console.log('Postgres answers after SIGINT')
  await engine.stop()
  console.log('stopped')
  clearInterval(alive)
})
// Last: whoever reads it may send the signal at once.
console.log(`ready ${addressOf(engine, 'postgres')}`)
