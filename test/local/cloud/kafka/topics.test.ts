import { randomBytes } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import type { TopicResource } from '../../../../local/cloud/kafka/topic-resource.ts'
import { createTopics } from '../../../../local/cloud/kafka/topics.ts'
import { type TestKafka, testKafka } from '../../../helpers/kafka.ts'
import { until } from '../../until.ts'

let kafka: TestKafka
beforeAll(async () => {
  kafka = await testKafka()
})
afterAll(() => kafka.close())

const topicOf = (more: Partial<TopicResource> = {}): TopicResource => ({
  name: `made-${randomBytes(5).toString('hex')}`,
  partitions: 2,
  configs: { 'retention.ms': '604800000' },
  ...more,
})

/** Partitions and retention, as the broker has them. */
async function stateOf({ name }: TopicResource) {
  const { topics } = await kafka.admin.fetchTopicMetadata({ topics: [name] })
  const { resources } = await kafka.admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name, configNames: ['retention.ms', 'cleanup.policy'] }],
  })
  const configs = resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])
  return { partitions: topics[0]?.partitions.length, ...Object.fromEntries(configs ?? []) }
}

/** The broker answers from its copy of the metadata, which follows what its controller has taken a moment later. */
async function stateBecomes(topic: TopicResource, expected: Awaited<ReturnType<typeof stateOf>>) {
  await until(async () => isDeepStrictEqual(await stateOf(topic), expected)).catch(() => undefined)
  expect(await stateOf(topic)).toEqual(expected)
}

describe('topics', () => {
  test('are made as the template has them, and stay so when made again', async () => {
    const topics = [topicOf(), topicOf({ partitions: 1, configs: { 'cleanup.policy': 'compact' } })]
    for (let times = 0; times < 2; times += 1) {
      await createTopics(kafka.admin, topics)
      for (const topic of topics) {
        const { partitions } = topic
        await stateBecomes(topic, {
          'retention.ms': '604800000',
          'cleanup.policy': 'delete',
          partitions,
          ...topic.configs,
        })
      }
    }
  })

  test('get the partitions and settings that the template has gained, and lose no partition', async () => {
    const topic = topicOf()
    await createTopics(kafka.admin, [topic])
    await createTopics(kafka.admin, [{ ...topic, partitions: 5, configs: { 'retention.ms': '3600000' } }])
    await stateBecomes(topic, { partitions: 5, 'retention.ms': '3600000', 'cleanup.policy': 'delete' })
    await createTopics(kafka.admin, [{ ...topic, partitions: 1, configs: {} }])
    await stateBecomes(topic, { partitions: 5, 'retention.ms': '604800000', 'cleanup.policy': 'delete' })
  })

  test('keep what they hold', async () => {
    const topic = topicOf()
    await createTopics(kafka.admin, [topic])
    await kafka.produce(topic.name, [{ value: 'kept' }])
    await createTopics(kafka.admin, [{ ...topic, partitions: 3 }])
    expect((await kafka.readAll(topic.name)).map(({ value }) => value?.toString())).toEqual(['kept'])
  })

  test("that Kafka does not take are refused with Kafka's reason", async () => {
    const topic = topicOf({ configs: { 'retention.ms': 'a week' } })
    await expect(createTopics(kafka.admin, [topicOf(), topic])).rejects.toMatchObject({
      code: 'topics_not_made',
      message: expect.stringMatching(new RegExp(`${topic.name}: .*[Cc]onfig`)),
    })
  })
})
