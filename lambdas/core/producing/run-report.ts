import type { Unsent } from './send-all.ts'

/** How a run ended: complete, or early, so that the next run resumes at its cursor. */
export type RunEnd = 'finished' | 'out-of-tokens' | 'out-of-time' | 'keepa-fault'

/** The result of a producer's run. Numbers count events or products. */
export interface RunReport {
  readonly end: RunEnd
  readonly sent: number
  /** Products whose event was not sent. */
  readonly notSent: readonly Unsent[]
  /** Products that Keepa could not be asked about, and why. */
  readonly notChecked: readonly Unsent[]
  readonly withoutPrice: number
  /** Products that Keepa does not know. */
  readonly unknown: number
  /** Products that will have no price until somebody acts, including the unknown ones. */
  readonly notFollowed: number
  /** The tokens left, as Keepa last reported; null if it was not asked. */
  readonly tokensLeft: number | null
}

/** What one step adds to a run's report. */
export type RunStep = Partial<Omit<RunReport, 'end'>>

export const EMPTY_REPORT: RunReport = {
  end: 'finished',
  sent: 0,
  notSent: [],
  notChecked: [],
  withoutPrice: 0,
  unknown: 0,
  notFollowed: 0,
  tokensLeft: null,
}

export const addStep = (report: RunReport, step: RunStep): RunReport => ({
  end: report.end,
  sent: report.sent + (step.sent ?? 0),
  notSent: step.notSent?.length ? [...report.notSent, ...step.notSent] : report.notSent,
  notChecked: step.notChecked?.length ? [...report.notChecked, ...step.notChecked] : report.notChecked,
  withoutPrice: report.withoutPrice + (step.withoutPrice ?? 0),
  unknown: report.unknown + (step.unknown ?? 0),
  notFollowed: report.notFollowed + (step.notFollowed ?? 0),
  tokensLeft: step.tokensLeft ?? report.tokensLeft,
})

/** Whether an event was not sent that another run may send. */
export const isToBeSentAgain = ({ notSent = [] }: RunStep): boolean =>
  notSent.some(({ retriable }) => retriable)
