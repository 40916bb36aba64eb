import type { Resource } from '../template/assembly.ts'
import { placeOf } from '../template/properties.ts'

/** AWS::CloudWatch::Dashboard */
export interface DashboardResource {
  /** Its DashboardName, or its place in the construct tree: `overview-dashboard`. */
  readonly name: string
  /** JSON: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
  readonly body: string
  /** Why it cannot be shown here. */
  readonly problem?: string
}

const EMPTY = '{"widgets":[]}'

/** Reads a dashboard whose references are replaced by what they are here. */
export function readDashboard(resource: Resource): DashboardResource {
  const { DashboardName: given, DashboardBody: body } = resource.properties
  const name = typeof given === 'string' ? given : placeOf(resource)
  try {
    if (typeof body !== 'string') throw new Error('it refers to what is not known here')
    JSON.parse(body)
    return { name, body }
  } catch (error) {
    return { name, body: EMPTY, problem: `DashboardBody cannot be read: ${error}` }
  }
}
