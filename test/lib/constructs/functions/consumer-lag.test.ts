import { describe, expect, test } from '@jest/globals'
import { metricMath, type Values } from '../../../../local/cloud/cloudwatch/metric-math.ts'
import { resourceAt, templatesOf } from '../../synthesized.ts'

/** The expression of an alarm in the template, computed for one period as CloudWatch would. */
function computed(alarm: string, values: Readonly<Record<'unread' | 'lag' | 'done', number | undefined>>) {
  const { Metrics } = resourceAt(templatesOf('dev').monitoring, 'AWS::CloudWatch::Alarm', `${alarm}/`)
    .Properties as { Metrics: { Expression?: string }[] }
  const series = Object.entries(values).map(([id, value]): [string, Values] => [
    id,
    new Map(value === undefined ? [] : [[0, value]]),
  ])
  const [result] = metricMath(Metrics[0]?.Expression ?? '', {
    series: (id) => new Map(series).get(id),
    metrics: Object.keys(values),
    periods: [0],
    periodSeconds: 60,
  })
  return result?.get(0)
}

describe.each(['price-consumer-stalled', 'deal-consumer-stores-nothing'])('%s', (alarm) => {
  test.each([
    ['Lambda alone says so', 5, undefined],
    ['MSK alone says so', undefined, 5],
    ['both say so', 5, 5],
    ['Lambda’s last word is that nothing is left', 0, 5],
  ])('rings while records are to be read and none is: %s', (_, unread, lag) => {
    expect(computed(alarm, { unread, lag, done: undefined })).toBe(1)
    expect(computed(alarm, { unread, lag, done: 0 })).toBe(1)
  })

  test.each([
    ['some are read', 5, 5, 3],
    ['none is left', 0, 0, undefined],
    ['nobody says how many are left', undefined, undefined, undefined],
  ])('is silent where %s', (_, unread, lag, done) => {
    expect(computed(alarm, { unread, lag, done })).toBe(0)
  })
})
