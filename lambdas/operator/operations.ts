import { describeGroup, listGroups } from './kafka/groups.ts'
import { readMessages } from './kafka/messages.ts'
import { countRecords, createTopic, describeTopic, listTopics } from './kafka/topics.ts'

/** Every operation, by name. Clients import the type alone. */
export const operations = {
  'topics.list': listTopics,
  'topics.describe': describeTopic,
  'topics.create': createTopic,
  'topics.count': countRecords,
  'messages.read': readMessages,
  'groups.list': listGroups,
  'groups.describe': describeGroup,
} as const

export type Operations = typeof operations
