import { setTimeout as sleep } from 'node:timers/promises'
import { type Admin, AssignerProtocol, type MemberDescription } from 'kafkajs'
import type { LastingFailure } from '../lasting-failure.ts'

/** A member's topic and group, and the partitions that it has been assigned. */
export interface Membership {
  readonly topic: string
  readonly groupId: string
  readonly partitions: readonly number[]
}

/** A group whose members are still joining has no say yet; what is wrong with it is to be said within ten seconds. */
const SETTLED_MS = 5_000

/**
 * Looks at a group once its members have joined, and again for as long as it leaves records unread. Any change of the
 * group is another assignment, which ends `signal`.
 */
export async function watchGroup(
  admin: Admin,
  membership: Membership,
  unassigned: LastingFailure,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    await sleep(SETTLED_MS, undefined, { signal, ref: false }).catch(() => undefined)
    if (signal.aborted) return
    const reason = await unassignedPartitions(admin, membership).catch(() => undefined)
    if (signal.aborted) return
    if (reason === undefined) return unassigned.over()
    unassigned.report(reason)
  }
}

/**
 * Why records of a topic stay unread although this member is in its group: partitions were assigned to nobody who reads
 * the topic, or all of them to others. Undefined where neither is so; throws what Kafka throws.
 */
async function unassignedPartitions(
  admin: Admin,
  { topic, groupId, partitions }: Membership,
): Promise<string | undefined> {
  await admin.connect()
  const [{ groups }, { topics }] = await Promise.all([
    admin.describeGroups([groupId]),
    admin.fetchTopicMetadata({ topics: [topic] }),
  ])
  const [group] = groups
  if (group?.state !== 'Stable') return undefined
  const members = group.members.map(memberOf)
  const read = new Set(
    members
      .filter(({ topics: subscribed }) => subscribed.includes(topic))
      .flatMap(({ assignment }) => assignment[topic] ?? []),
  )
  const all = (topics[0]?.partitions ?? []).map(({ partitionId }) => partitionId).sort((a, b) => a - b)
  const nobodys = all.filter((partition) => !read.has(partition))
  if (nobodys.length > 0) {
    const others = [...new Set(members.flatMap(({ topics: subscribed }) => subscribed))].filter(
      (name) => name !== topic,
    )
    const why = others.length > 0 ? `, which has members that read ${others.join(', ')}` : ''
    return `nobody reads partition ${nobodys.join(', ')} of ${topic} in the group ${groupId}${why}: give each mapping a group of its own`
  }
  if (partitions.length > 0 || all.length === 0) return undefined
  return `other members of the group ${groupId} read all of ${topic}, and this mapping nothing: give it a group of its own`
}

function memberOf({ memberMetadata, memberAssignment }: MemberDescription): {
  readonly topics: readonly string[]
  readonly assignment: Readonly<Record<string, readonly number[]>>
} {
  return {
    topics: AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? [],
    assignment: AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {},
  }
}
