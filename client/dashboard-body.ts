/** A widget as a dashboard's body has it. */
export type WidgetSpec =
  | { readonly kind: 'graph'; readonly title: string; readonly metrics: readonly MetricSpec[] }
  | { readonly kind: 'alarms'; readonly title: string; readonly alarms: readonly string[] }
  | { readonly kind: 'text'; readonly title: string; readonly text: string }

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
  readonly widgets?: readonly { readonly type?: string; readonly properties?: Properties }[]
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
  ((JSON.parse(body) as Body).widgets ?? []).map(({ type, properties = {} }): WidgetSpec => {
    const { title = '', markdown = '', alarms = [], metrics = [] } = properties
    if (type === 'alarm') {
      return { kind: 'alarms', title, alarms: alarms.map((arn) => arn.split(':alarm:')[1] ?? arn) }
    }
    if (type === 'text') return { kind: 'text', title, text: markdown }
    return { kind: 'graph', title, metrics: metrics.map(metricOf) }
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
