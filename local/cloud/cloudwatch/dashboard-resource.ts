import type { Resource } from '../template/assembly.ts'
import { list, placeOf } from '../template/properties.ts'

/** AWS::CloudWatch::Dashboard */
export interface DashboardResource {
  /** Its DashboardName, or its place in the construct tree: `overview-dashboard`. */
  readonly name: string
  /** How far back it shows, as CloudWatch writes it (`-P1D`). */
  readonly start: string
  readonly widgets: readonly Widget[]
  /** Why it cannot be shown here. */
  readonly problem?: string
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
export interface Widget {
  readonly type: string
  readonly x?: number
  readonly y?: number
  readonly width?: number
  readonly height?: number
  readonly properties: Readonly<Record<string, unknown>>
}

/** What a console shows of a dashboard without a time of its own. */
const DEFAULT_START = '-PT3H'

const EMPTY: Widget = { type: 'metric', properties: {} }

/** Reads a dashboard whose references are replaced by what they are here. */
export function readDashboard(resource: Resource): DashboardResource {
  const { DashboardName: given, DashboardBody: text } = resource.properties
  const name = typeof given === 'string' ? given : placeOf(resource)
  try {
    if (typeof text !== 'string') throw new Error('it refers to what is not known here')
    const body = JSON.parse(text) as { readonly start?: unknown; readonly widgets?: unknown }
    return {
      name,
      start: typeof body.start === 'string' && body.start.startsWith('-P') ? body.start : DEFAULT_START,
      widgets: list(body.widgets).map((widget) => ({ ...EMPTY, ...(widget as Partial<Widget>) })),
    }
  } catch (error) {
    return { name, start: DEFAULT_START, widgets: [], problem: `DashboardBody cannot be read: ${error}` }
  }
}
