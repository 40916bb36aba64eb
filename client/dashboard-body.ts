/** What all widgets have. */
export interface WidgetPlace {
  readonly title: string
  /** Whether it takes more than half of the dashboard's width. */
  readonly isWide: boolean
}

/** A widget as a dashboard's body has it. */
export type WidgetSpec = WidgetPlace &
  (
    | { readonly kind: 'graph'; readonly metrics: readonly MetricSpec[] }
    | { readonly kind: 'alarms'; readonly alarms: readonly string[] }
    | { readonly kind: 'text'; readonly text: string }
  )

/** A line of a graph, or what one is computed from. */
export interface MetricSpec {
  readonly id: string
  readonly label: string | undefined
  readonly isVisible: boolean
  readonly expression: string | undefined
  readonly metric: {
    readonly Namespace: string
    readonly MetricName: string
    readonly Dimensions: { readonly Name: string; readonly Value: string }[]
  }
  readonly stat: string
  readonly periodSeconds: number
}

interface Body {
  readonly widgets?: readonly {
    readonly type?: string
    readonly width?: number
    readonly properties?: Properties
  }[]
}

interface Properties {
  readonly title?: string
  readonly markdown?: string
  readonly alarms?: readonly string[]
  readonly metrics?: readonly (readonly (string | MetricOptions)[])[]
}

interface MetricOptions {
  readonly id?: string
  readonly label?: string
  readonly visible?: boolean
  readonly expression?: string
  readonly stat?: string
  readonly period?: number
}

/**
 * The widgets of a dashboard that the CDK wrote: it names every metric in full, without the signs that stand for what the
 * line above says.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */
export const parsedBody = (body: string): readonly WidgetSpec[] =>
  ((JSON.parse(body) as Body).widgets ?? []).map(({ type, width = 6, properties = {} }): WidgetSpec => {
    const { title = '', markdown = '', alarms = [], metrics = [] } = properties
    const place = { title, isWide: width > 12 }
    if (type === 'alarm') {
      return { ...place, kind: 'alarms', alarms: alarms.map((arn) => arn.split(':alarm:')[1] ?? arn) }
    }
    if (type === 'text') return { ...place, kind: 'text', text: markdown }
    return { ...place, kind: 'graph', metrics: metrics.map(metricOf) }
  })

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Metrics-Array-Format */
function metricOf(line: readonly (string | MetricOptions)[], index: number): MetricSpec {
  const words = line.filter((word): word is string => typeof word === 'string')
  const options = line.find((word): word is MetricOptions => typeof word === 'object') ?? {}
  const [Namespace = '', MetricName = '', ...dimensions] = words
  const Dimensions = dimensions.flatMap((Name, place) =>
    place % 2 === 0 ? [{ Name, Value: dimensions[place + 1] ?? '' }] : [],
  )
  const { id = `line${index}`, label, visible = true, expression, stat = 'Average', period = 300 } = options
  return {
    ...{ id, label: label ?? (expression === undefined ? MetricName : undefined), isVisible: visible },
    ...{ expression, metric: { Namespace, MetricName, Dimensions }, stat, periodSeconds: period },
  }
}
