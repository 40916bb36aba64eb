import { type Resource, resourceId } from '../template/assembly.ts'
import { list, logicalIdOf, placeOf, text } from '../template/properties.ts'

/** What of SES a template makes: who may send, and what is told of it. */
export interface MailResources {
  /** AWS::SES::EmailIdentity: addresses and domains, in lower case. */
  readonly identities: readonly string[]
  /** AWS::SES::ConfigurationSet */
  readonly configurationSets: readonly ConfigurationSet[]
}

export interface ConfigurationSet {
  /** Its Name, or its place in the construct tree. */
  readonly name: string
  /** Of events that go to EventBridge, as SES's API calls them: `BOUNCE`. */
  readonly eventTypes: readonly string[]
}

/** @throws CloudError `template_unreadable` naming the resource and property */
export function readMailResources(resources: readonly Resource[]): MailResources {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type)
  const destinations = ofType('AWS::SES::ConfigurationSetEventDestination')
  return {
    identities: ofType('AWS::SES::EmailIdentity').map((resource) =>
      text(resource, 'EmailIdentity').toLowerCase(),
    ),
    configurationSets: ofType('AWS::SES::ConfigurationSet').map((resource) => ({
      name: typeof resource.properties.Name === 'string' ? resource.properties.Name : placeOf(resource),
      eventTypes: destinations.filter((destination) => isOf(destination, resource)).flatMap(eventTypesOf),
    })),
  }
}

function isOf(destination: Resource, set: Resource): boolean {
  const named = destination.properties.ConfigurationSetName
  const id = logicalIdOf(named)
  return id === undefined
    ? named === set.properties.Name
    : resourceId(destination.stack, id) === resourceId(set.stack, set.logicalId)
}

function eventTypesOf({ properties }: Resource): readonly string[] {
  const { Enabled, MatchingEventTypes, EventBridgeDestination } = (properties.EventDestination ??
    {}) as Readonly<Record<string, unknown>>
  if (Enabled === false || EventBridgeDestination === undefined) return []
  return list(MatchingEventTypes).map((type) =>
    String(type)
      .replace(/([a-z])([A-Z])/g, '$1_$2')
      .toUpperCase(),
  )
}
