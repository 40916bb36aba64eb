import { describe, expect, test } from '@jest/globals'
import { emitMetrics } from '../../lambdas/core/metrics.ts'

const emitted = (values: Parameters<typeof emitMetrics>[1], environment: Record<string, string>) => {
  const lines: string[] = []
  emitMetrics('price-consumer', values, (line) => lines.push(line), environment)
  return lines.map((line) => JSON.parse(line))
}

describe('metrics', () => {
  test('tell the stage and the function, so that two stages of an account do not mix', () => {
    expect(emitted({ RecordsReceived: 3 }, { KEEPER_STAGE: 'prod' })).toEqual([
      {
        _aws: {
          Timestamp: expect.any(Number),
          CloudWatchMetrics: [
            {
              Namespace: 'Keeper',
              Dimensions: [['Stage', 'Function']],
              Metrics: [{ Name: 'RecordsReceived', Unit: 'Count' }],
            },
          ],
        },
        Stage: 'prod',
        Function: 'price-consumer',
        RecordsReceived: 3,
      },
    ])
  })

  test('are counts, but for what is measured in seconds', () => {
    const [line] = emitted({ RecordsReceived: 3, RecordAgeSeconds: 4.5 }, {})
    expect(line._aws.CloudWatchMetrics[0].Metrics).toEqual([
      { Name: 'RecordsReceived', Unit: 'Count' },
      { Name: 'RecordAgeSeconds', Unit: 'Seconds' },
    ])
  })

  test('are no line where there is nothing to say', () => {
    expect(emitted({}, {})).toEqual([])
  })
})
