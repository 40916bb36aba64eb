import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { GroupDescription } from '../../../lambdas/operator/kafka/groups.ts'
import type { ReadRecord } from '../../../lambdas/operator/kafka/read-records.ts'
import type { TopicDescription, TopicSummary } from '../../../lambdas/operator/kafka/topics.ts'
import type { Page } from '../../../lambdas/operator/operation.ts'
import { type TestKafka, testKafka } from '../../helpers/kafka.ts'
import { type KafkaTools, kafkaTools } from '../../helpers/kafka-tools.ts'
import { stoppableBroker } from '../../helpers/stoppable.ts'
import { type TestOperator, testOperator } from '../operating.ts'

/** Somebody who knows Kafka's own tools reads the same from ours: both are asked about one broker. */

const GROUP = 'readers'
const TOPIC = 'compared'

let broker: Awaited<ReturnType<typeof stoppableBroker>>
let kafka: TestKafka
let operator: TestOperator
let tool: KafkaTools

beforeAll(async () => {
  ;[broker, tool] = await Promise.all([stoppableBroker(), kafkaTools()])
  kafka = await testKafka(broker.bootstrapServers)
  operator = await testOperator(broker.bootstrapServers)
  await kafka.admin.createTopics({
    topics: [
      { topic: TOPIC, numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '86400000' }] },
      { topic: 'empty', numPartitions: 1 },
    ],
  })
  const numbered = Array.from({ length: 20 }, (_, index) => index)
  await kafka.produce(
    TOPIC,
    numbered.map((number) => ({ key: `k${number % 4}`, value: `value ${number}`, partition: number % 2 })),
  )
  const deleted = { version: 1, partitions: [{ topic: TOPIC, partition: 0, offset: 3 }] }
  await writeFile(join(broker.dir, 'delete.json'), JSON.stringify(deleted))
  await ask('DeleteRecordsCommand', '--offset-json-file', join(broker.dir, 'delete.json'))
  const committed = [0, 1].map((partition) => ({ partition, offset: String(4 + partition) }))
  await kafka.setOffsets({ groupId: GROUP, topic: TOPIC, partitions: committed })
}, 120_000)

afterAll(async () => {
  await Promise.all([operator?.close(), kafka?.close()])
  await broker?.dispose()
})

const read = <Output>(operation: string, input: object = {}) =>
  operator.ask(operation, input, 'read') as Promise<Output>
const ask = (name: string, ...args: string[]) =>
  tool(name, '--bootstrap-server', broker.bootstrapServers, ...args)
const linesOf = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

/** The rows of a table that a tool prints: cells by heading. */
function rowsOf(text: string): Record<string, string>[] {
  const [headings = [], ...rows] = linesOf(text).map((line) => line.trim().split(/\s+/))
  return rows.map((cells) => Object.fromEntries(headings.map((name, index) => [name, cells[index] ?? ''])))
}

describe('topics', () => {
  test('are those of kafka-topics --list, without the internal ones', async () => {
    const theirs = linesOf(await ask('TopicCommand', '--list', '--exclude-internal'))
    const ours = await read<TopicSummary[]>('topics.list')
    expect(ours.map(({ topic }) => topic)).toEqual(theirs.toSorted())
    expect(ours.length).toBeGreaterThanOrEqual(2)
  })

  test('have the partitions, leaders, replicas and settings of kafka-topics --describe', async () => {
    const text = await ask('TopicCommand', '--describe', '--topic', TOPIC)
    const theirs = [
      ...text.matchAll(/Partition: (\d+)\s+Leader: (\d+)\s+Replicas: ([\d,]+)\s+Isr: ([\d,]+)/g),
    ].map(([, ...cells]) => cells)
    const ours = await read<TopicDescription>('topics.describe', { topic: TOPIC })
    expect(
      ours.partitions.map(({ partition, leader, replicas, inSync }) => [
        ...[`${partition}`, `${leader}`],
        ...[replicas.join(','), inSync.join(',')],
      ]),
    ).toEqual(theirs)
    const [, configs = ''] = /Configs: (\S*)/.exec(text) ?? []
    const settings = Object.fromEntries(configs.split(',').map((each) => each.split('=')))
    expect(settings).toMatchObject({ 'retention.ms': '86400000' })
    expect(settings).toMatchObject(ours.config)
  })

  test('have the offsets of GetOffsetShell, where records are deleted as well', async () => {
    const offsets = async (time: string) =>
      linesOf(await ask('GetOffsetShell', '--topic', TOPIC, '--time', time)).map((line) => line.split(':')[2])
    const { partitions, records } = await read<{
      records: number
      partitions: { start: string; end: string }[]
    }>('topics.count', { topic: TOPIC })
    expect(partitions.map(({ start }) => start)).toEqual(await offsets('earliest'))
    expect(partitions.map(({ end }) => end)).toEqual(await offsets('latest'))
    expect(records).toBe(17)
  })
})

describe('consumer groups', () => {
  test('have the states of kafka-consumer-groups --list', async () => {
    const theirs = rowsOf(await ask('consumer.group.ConsumerGroupCommand', '--list', '--state'))
    const ours = await read<{ group: string; state: string }[]>('groups.list')
    // The console consumer of another test leaves a group behind.
    expect(ours.map(({ group, state }) => `${group} ${state}`)).toEqual(
      theirs.map(({ GROUP: group, STATE: state }) => `${group} ${state}`).toSorted(),
    )
    expect(ours).toContainEqual({ group: GROUP, state: 'Empty', members: 0 })
  })

  test('have the offsets and lag of kafka-consumer-groups --describe', async () => {
    const text = await ask('consumer.group.ConsumerGroupCommand', '--describe', '--group', GROUP)
    const { partitions } = await read<GroupDescription>('groups.describe', { group: GROUP })
    expect(
      partitions.map(({ topic, partition, committed, end, lag }) => ({
        ...{ GROUP, TOPIC: topic, PARTITION: `${partition}`, LAG: `${lag}` },
        ...{ 'CURRENT-OFFSET': committed, 'LOG-END-OFFSET': end },
      })),
    ).toEqual(
      rowsOf(text)
        .map(({ 'CONSUMER-ID': _, HOST: __, 'CLIENT-ID': ___, ...row }) => row)
        .toSorted((a, b) => Number(a.PARTITION) - Number(b.PARTITION)),
    )
  })
})

describe('messages', () => {
  const PRINTED = ['partition', 'offset', 'key'].flatMap((name) => ['--property', `print.${name}=true`])
  const theirs = async (...args: string[]) =>
    linesOf(
      await ask('consumer.ConsoleConsumer', '--topic', TOPIC, '--from-beginning', ...PRINTED, ...args),
    ).toSorted()
  const ours = async (input: object) => {
    const { rows } = await read<Page<ReadRecord, unknown>>('messages.read', { topic: TOPIC, ...input })
    const text = (bytes: ReadRecord['key']) => (bytes && 'text' in bytes ? bytes.text : '')
    return rows
      .map(
        ({ partition, offset, key, value }) =>
          `Partition:${partition}\tOffset:${offset}\t${text(key)}\t${text(value)}`,
      )
      .toSorted()
  }

  test('are the first five of kafka-console-consumer', async () => {
    const five = await theirs('--partition', '0', '--max-messages', '5')
    expect(five).toHaveLength(5)
    expect(await ours({ partitions: [0], most: 5 })).toEqual(five)
  })

  test('are all that kafka-console-consumer reads', async () => {
    const all = await theirs('--max-messages', '17')
    expect(await ours({})).toEqual(all)
  })
})
