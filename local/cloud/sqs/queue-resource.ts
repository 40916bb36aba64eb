import type { Resource } from '../template/assembly.ts'
import { number } from '../template/properties.ts'

/** AWS::SQS::Queue. Units are AWS's: seconds. */
export interface QueueResource {
  /** Its logical name, which is its folder's among the destinations. */
  readonly name: string
  readonly visibilityTimeoutSeconds: number
  readonly retentionSeconds: number
}

/** @throws CloudError `template_unreadable` naming the resource and property */
export const readQueue = (resource: Resource): QueueResource => ({
  name: resource.logicalId,
  visibilityTimeoutSeconds: number(resource, 'VisibilityTimeout', 30),
  retentionSeconds: number(resource, 'MessageRetentionPeriod', 345_600),
})
