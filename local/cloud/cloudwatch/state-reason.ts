import type { AlarmRule, Datapoint } from './alarm-rule.ts'

/** Why an alarm is in its state, in AWS's words. */

/** How a value is compared with the threshold. */
export interface Breach {
  readonly words: string
  readonly breaches: (value: number, threshold: number) => boolean
}

/** That enough datapoints did, or did not, cross the threshold. */
export function crossed(
  { threshold, evaluationPeriods, datapointsToAlarm }: AlarmRule,
  words: string,
  points: readonly Datapoint[],
  state: 'OK' | 'ALARM',
): string {
  const newest = [...points].reverse()
  const values = newest.map(({ atMs, value }) => `${decimal(value ?? 0)} (${time(atMs)})`).join(', ')
  const least = state === 'OK' ? evaluationPeriods - datapointsToAlarm + 1 : datapointsToAlarm
  const transition = state === 'OK' ? 'ALARM -> OK' : 'OK -> ALARM'
  return [
    `Threshold Crossed: ${points.length} out of the last ${evaluationPeriods} datapoints [${values}]`,
    `${points.length === 1 ? 'was' : 'were'} ${state === 'OK' ? 'not ' : ''}${words} the threshold`,
    `(${decimal(threshold)}) (minimum ${datapoints(least)} for ${transition} transition).`,
  ].join(' ')
}

/** That there was nothing, and how that was taken. */
export function noData({ evaluationPeriods: periods, missing }: AlarmRule): string {
  const treated = missing === 'breaching' ? 'Breaching' : 'NonBreaching'
  return periods === 1
    ? `Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [${treated}].`
    : `Threshold Crossed: no datapoints were received for ${periods} periods and ${periods} missing datapoints were treated as [${treated}].`
}

export const insufficient = (count: number): string =>
  `Insufficient Data: ${datapoints(count)} ${count === 1 ? 'was' : 'were'} unknown.`

const datapoints = (count: number): string => `${count} datapoint${count === 1 ? '' : 's'}`

const decimal = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value))

/** `24/11/26 00:35:00`, in UTC. */
const time = (atMs: number): string => {
  const [date = '', clock = ''] = new Date(atMs).toISOString().slice(2, 19).split('T')
  return `${date.split('-').reverse().join('/')} ${clock}`
}
