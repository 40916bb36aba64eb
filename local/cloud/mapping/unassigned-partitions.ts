import { type Admin, AssignerProtocol, type MemberDescription } from 'kafkajs'

/** A member's topic and group, and the partitions that it has been assigned. */
export interface Membership {
  readonly topic: string
  readonly groupId: string
  readonly partitions: readonly number[]
}

/**
 * Why records of a topic stay unread although this member is in its group: partitions were assigned to nobody who reads
 * the topic, or all of them to others. Undefined where neither is so; throws what Kafka throws.
 */
export async function unassignedPartitions(
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
