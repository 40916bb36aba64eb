import { type Admin, Kafka, logLevel } from 'kafkajs'
import { until } from '../local/until.ts'
import type { BrokerAnswer } from './broker-room.ts'
import { ask } from './engines.ts'

/** A broker that a test file has alone, without topics and groups. It cannot be stopped (stoppable.ts can). */
export interface OwnBroker {
  readonly bootstrapServers: string
  /** Call it in `afterAll`, when no group has members any more: the next test file has the broker then. */
  giveBack(): Promise<void>
}

/** A group's members leave when a run stops; one that was killed is a member until its session is over. */
const LEAVING_MS = 10_000

export async function ownBroker(): Promise<OwnBroker> {
  const { bootstrapServers } = (await ask('broker/take')) as BrokerAnswer
  return {
    bootstrapServers,
    giveBack: async () => {
      const kafka = new Kafka({ clientId: 'test', brokers: [bootstrapServers], logLevel: logLevel.NOTHING })
      const admin = kafka.admin()
      await admin.connect()
      try {
        await until(() => isEmptied(admin), LEAVING_MS)
      } catch {
        // Nobody else gets it: it ends with the run of the tests.
        return
      } finally {
        await admin.disconnect()
      }
      await ask(`broker/give-back/${encodeURIComponent(bootstrapServers)}`)
    },
  }
}

async function isEmptied(admin: Admin): Promise<boolean> {
  const { groups } = await admin.listGroups()
  // Refused while one of them has members.
  const deleted = await admin.deleteGroups(groups.map(({ groupId }) => groupId)).then(
    () => true,
    () => false,
  )
  const topics = (await admin.listTopics()).filter((topic) => !topic.startsWith('__'))
  if (topics.length > 0) await admin.deleteTopics({ topics })
  return deleted && topics.length === 0
}
