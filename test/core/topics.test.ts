import { describe, expect, test } from '@jest/globals'
import type { Topic } from '../../lambdas/core/topics.ts'
import * as TOPICS from '../../lambdas/core/topics.ts'

const topics: readonly Topic[] = Object.values(TOPICS)

describe('the topics', () => {
  test('have the names that other programs rely on', () => {
    expect(topics.map(({ name, setting, key, groups }) => [name, setting, key, groups])).toEqual([
      [
        'deal-updates',
        'KAFKA_TOPIC_DEALS',
        'none',
        { 'deal-consumer': 'keeper-consumer-group-deals', 'search-indexer': 'keeper-consumer-group-search' },
      ],
      ['price-updates', 'KAFKA_TOPIC_PRICES', 'asin', { 'price-consumer': 'keeper-consumer-group' }],
    ])
  })

  test.each<[string, (topic: Topic) => readonly string[]]>([
    ['name', ({ name }) => [name]],
    ['setting', ({ setting }) => [setting]],
    ['consumer group', ({ groups }) => Object.values(groups)],
  ])('share no %s, as one would then take the other’s records', (_, of) => {
    const all = topics.flatMap(of)
    expect(new Set(all).size).toBe(all.length)
  })
})
