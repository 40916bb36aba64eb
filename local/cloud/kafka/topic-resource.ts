import type { Resource } from '../template/assembly.ts'
import { number, text, unreadable } from '../template/properties.ts'

/** AWS::MSK::Topic */
export interface TopicResource {
  readonly name: string
  readonly partitions: number
  /** Kafka's topic settings, such as `retention.ms`. */
  readonly configs: Readonly<Record<string, string>>
}

export function readTopic(resource: Resource): TopicResource {
  return {
    name: text(resource, 'TopicName'),
    partitions: number(resource, 'PartitionCount', 1),
    configs: readConfigs(resource),
  }
}

function readConfigs(resource: Resource): Readonly<Record<string, string>> {
  const { Configs: configs } = resource.properties
  if (configs === undefined) return {}
  try {
    const entries = Object.entries(JSON.parse(Buffer.from(String(configs), 'base64').toString('utf8')))
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]))
  } catch {
    throw unreadable(resource, 'Configs', configs, 'a JSON object in Base64')
  }
}
