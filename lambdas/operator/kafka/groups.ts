import { AssignerProtocol, type GroupDescription as KafkaGroup } from 'kafkajs'
import { object, pipe, regex, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { nearest } from '../nearest.ts'
import { type OperatorDependencies, operation } from '../operation.ts'
import { unreadSince } from './unread-since.ts'

/** Lambda takes the same for a mapping: https://docs.aws.amazon.com/lambda/latest/api/API_AmazonManagedKafkaEventSourceConfig.html */
export const groupId = pipe(
  string('a group is a string'),
  regex(/^[\w\-/*:.+=@]{1,200}$/, 'a group has at most 200 letters, digits and -/*:_+=.@'),
)

/** Where a group stands in a partition. */
export interface GroupOffsets {
  readonly topic: string
  readonly partition: number
  /** The offset that the group reads next, as text; null where it has committed none. */
  readonly committed: string | null
  readonly end: string
  /** Records left to read; null where nothing was committed. */
  readonly lag: number | null
  /** The client that reads it now, and from where. */
  readonly member: string | null
}

export interface GroupPartition extends GroupOffsets {
  /** When the next record to read came to Kafka, ISO 8601: the lag in time. Null where nothing is left to read. */
  readonly unreadSince: string | null
}

export interface GroupDescription<Partition = GroupPartition> {
  readonly group: string
  /** Kafka's own word: `Stable`, `Empty`, `PreparingRebalance`, `CompletingRebalance`, `Dead`. */
  readonly state: string
  readonly members: number
  readonly partitions: readonly Partition[]
}

export const listGroups = operation({
  access: 'read',
  does: 'Lists the consumer groups, with their state and members.',
  input: object({}),
  run: async (_, { admin }) => {
    const client = await admin()
    const { groups } = await client.listGroups()
    const { groups: described } = await client.describeGroups(groups.map(({ groupId: id }) => id))
    return described
      .map(({ groupId: group, state, members }) => ({ group, state, members: members.length }))
      .toSorted((a, b) => a.group.localeCompare(b.group))
  },
})

export const describeGroup = operation({
  access: 'read',
  does: 'Describes a consumer group: what it has committed, how far it is behind in records and in time, and who reads.',
  input: object({ group: groupId }),
  run: async ({ group }, dependencies): Promise<GroupDescription> => {
    const described = await groupOffsets(group, dependencies)
    const since = await unreadSince(described.partitions, dependencies)
    const partitions = described.partitions.map((offsets) => ({
      ...offsets,
      unreadSince: since.get(`${offsets.topic}-${offsets.partition}`) ?? null,
    }))
    return { ...described, partitions }
  },
})

/**
 * Where a group stands.
 * @throws KeeperError `no_such_group` with groups near it
 */
export async function groupOffsets(
  group: string,
  dependencies: OperatorDependencies,
): Promise<GroupDescription<GroupOffsets>> {
  const client = await dependencies.admin()
  const { groups } = await client.listGroups()
  const ids = groups.map(({ groupId: id }) => id)
  if (!ids.includes(group)) throw noSuchGroup(group, ids)
  const {
    groups: [described],
  } = await client.describeGroups([group])
  const owners = ownersOf(described?.members ?? [])
  const committed = await client.fetchOffsets({ groupId: group })
  const partitions = await Promise.all(
    committed.map(async ({ topic, partitions: offsets }) => {
      const ends = await client.fetchTopicOffsets(topic).catch(() => [])
      return offsets.map(({ partition, offset }): GroupOffsets => {
        const end = ends.find((at) => at.partition === partition)?.high ?? '0'
        const isCommitted = BigInt(offset) >= 0n
        return {
          ...{ topic, partition, end },
          committed: isCommitted ? offset : null,
          lag: isCommitted ? Math.max(0, Number(BigInt(end) - BigInt(offset))) : null,
          member: owners.get(`${topic}-${partition}`) ?? null,
        }
      })
    }),
  )
  return {
    group,
    state: described?.state ?? 'Unknown',
    members: described?.members.length ?? 0,
    partitions: partitions
      .flat()
      .toSorted((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition),
  }
}

/** Who reads which partition. A member that is not a plain consumer, as a Connect worker, says it in another form. */
function ownersOf(members: KafkaGroup['members']): ReadonlyMap<string, string> {
  const owners = new Map<string, string>()
  for (const { clientId, clientHost, memberAssignment } of members) {
    if (memberAssignment.length === 0) continue
    const { assignment = {} } = AssignerProtocol.MemberAssignment.decode(memberAssignment) ?? {}
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) owners.set(`${topic}-${partition}`, `${clientId} ${clientHost}`)
    }
  }
  return owners
}

function noSuchGroup(group: string, groups: readonly string[]): KeeperError {
  const like = nearest(group, groups)
  const hint = like.length > 0 ? `; groups near it: ${like.join(', ')}` : ''
  return new KeeperError('no_such_group', `There is no consumer group ${group}${hint}.`)
}
