import { array, boolean, integer, minLength, minValue, number, object, optional, pipe, string } from 'valibot'
import { KeeperError } from '../../core/errors.ts'
import { operation } from '../operation.ts'
import { groupId, groupOffsets } from './groups.ts'
import { rangesOf } from './ranges.ts'
import { groupActive, setOffsets } from './set-offsets.ts'

/** What a reset does to one partition. */
export interface PartitionReset {
  readonly topic: string
  readonly partition: number
  /** The offset that the group would read next, as text; null where it has committed none. */
  readonly old: string | null
  readonly new: string
  /** Records that will be delivered again; below 0: that will be skipped. */
  readonly redelivered: number
}

export const resetGroup = operation({
  access: 'change',
  does: 'Moves the offsets of a consumer group that nobody reads with, or says what that would do.',
  input: object({
    group: groupId,
    /** Where the group is to read next, in the grammar of ranges.ts. */
    to: string('a place is a string'),
    partitions: optional(
      pipe(
        array(
          pipe(
            number('a partition is a whole number'),
            integer('a partition is a whole number'),
            minValue(0, 'a partition is at least 0'),
          ),
        ),
        minLength(1, 'name a partition'),
      ),
    ),
    dryRun: boolean('dryRun is true or false'),
  }),
  run: async ({ group, to, partitions, dryRun }, dependencies) => {
    const described = await groupOffsets(group, dependencies)
    const admin = await dependencies.admin()
    const topics = [...new Set(described.partitions.map(({ topic }) => topic))]
    const resets = await Promise.all(
      topics.map(async (topic) =>
        (await rangesOf(admin, topic, to, partitions, true)).map(({ partition, next }): PartitionReset => {
          const old =
            described.partitions.find((at) => at.topic === topic && at.partition === partition)?.committed ??
            null
          return {
            topic,
            partition,
            old,
            new: next,
            redelivered: old === null ? 0 : Number(BigInt(old) - BigInt(next)),
          }
        }),
      ),
    )
    const changes = resets.flat()
    checkPartitions(group, changes, partitions)
    if (dryRun) return { group, changes, isDone: false }
    if (described.members > 0) throw groupActive(group, String(described.members))
    for (const topic of topics) {
      const offsets = changes.filter((change) => change.topic === topic)
      // Refused where somebody has joined since: a mapping that was enabled again, or another reset, which joins the group too.
      await setOffsets(dependencies.kafka, {
        groupId: group,
        topic,
        partitions: offsets.map(({ partition, new: offset }) => ({ partition, offset })),
      })
    }
    return { group, changes, isDone: true }
  },
})

/** A reset that moves nothing of what it names would be taken for one. */
function checkPartitions(
  group: string,
  changes: readonly PartitionReset[],
  partitions: readonly number[] | undefined,
): void {
  const missing = partitions?.find((wanted) => !changes.some(({ partition }) => partition === wanted))
  if (missing !== undefined) {
    throw new KeeperError(
      'no_such_partition',
      `${group} reads no partition ${missing}: keeper groups describe ${group} shows those that it reads.`,
    )
  }
  if (changes.length === 0) {
    throw new KeeperError(
      'nothing_to_reset',
      `${group} has committed no offset yet, so there is none to move.`,
    )
  }
}
