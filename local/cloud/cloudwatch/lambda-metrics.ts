import type { Measurement } from './metric-store.ts'

/** What Lambda publishes of a function, with its unit. */
export const FUNCTION_UNITS = {
  Invocations: 'Count',
  Errors: 'Count',
  Throttles: 'Count',
  Duration: 'Milliseconds',
  ConcurrentExecutions: 'Count',
  AsyncEventsReceived: 'Count',
  AsyncEventAge: 'Milliseconds',
  AsyncEventsDropped: 'Count',
  DestinationDeliveryFailures: 'Count',
} as const

export type FunctionMetric = keyof typeof FUNCTION_UNITS

/** Takes the metrics of one function; those of an invocation have the time of its beginning. */
export type FunctionMetrics = (metric: FunctionMetric, value: number, atMs: number) => void

/**
 * A function's metric under each of its dimensions: by function, by function and resource, and of all functions.
 * https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html
 */
export function functionMeasurements(
  functionName: string,
  metric: FunctionMetric,
  value: number,
  atMs: number,
): readonly Measurement[] {
  const sets: readonly Readonly<Record<string, string>>[] = [
    { FunctionName: functionName },
    { FunctionName: functionName, Resource: functionName },
    {},
  ]
  const of = { namespace: 'AWS/Lambda', name: metric, unit: FUNCTION_UNITS[metric], atMs, values: [value] }
  return sets.map((dimensions) => ({ ...of, dimensions }))
}
