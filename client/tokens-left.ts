import { explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/** What a producer reported about Keepa's tokens last. */
export interface TokensLeft {
  /** `price-check` */
  readonly producer: string
  readonly tokens: number
  /** ISO 8601; the minute of the report. */
  readonly at: string
}

const METRIC = { Namespace: 'Keeper', MetricName: 'KeepaTokensLeft' } as const

/** ListMetrics shows what had data in the last three hours, and no more is asked for. */
const RECENT_MS = 3 * 3_600_000

/** The tokens left, by the producers' own metric of the last three hours (docs/metrics.md). */
export async function tokensLeft(keeper: Keeper): Promise<TokensLeft[]> {
  const { GetMetricDataCommand, ListMetricsCommand } = await import('@aws-sdk/client-cloudwatch')
  const client = await keeper.aws.cloudWatch()
  const stage = keeper.stage === undefined ? [] : [{ Name: 'Stage', Value: keeper.stage }]
  const { Metrics = [] } = await client
    .send(new ListMetricsCommand({ ...METRIC, Dimensions: stage, RecentlyActive: 'PT3H' }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'cloudwatch:ListMetrics')
    })
  if (Metrics.length === 0) return []
  const asked = Metrics.map((Metric, index) => ({
    Id: `m${index}`,
    MetricStat: { Metric, Stat: 'Minimum', Period: 60 },
  }))
  const EndTime = new Date()
  const StartTime = new Date(EndTime.getTime() - RECENT_MS)
  const { MetricDataResults = [] } = await client
    .send(new GetMetricDataCommand({ MetricDataQueries: asked, StartTime, EndTime }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, 'cloudwatch:GetMetricData')
    })
  return MetricDataResults.flatMap(({ Id, Timestamps: [at] = [], Values: [tokens] = [] }) => {
    const metric = Metrics[Number(Id?.slice(1))]
    const producer = metric?.Dimensions?.find(({ Name }) => Name === 'Function')?.Value
    return producer === undefined || at === undefined || tokens === undefined
      ? []
      : [{ producer, tokens, at: at.toISOString() }]
  }).toSorted((a, b) => a.producer.localeCompare(b.producer))
}
