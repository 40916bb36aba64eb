import type { Unsent } from './send-all.ts'

/** How a run ended: at the end of its work, or before it, to be gone on with at its cursor by the next run. */
export type RunEnd = 'finished' | 'out-of-tokens' | 'out-of-time' | 'keepa-fault'

/** What a run of a producer did. Numbers are of events or products. */
export interface RunReport {
  readonly end: RunEnd
  readonly sent: number
  /** Products whose event was not sent. */
  readonly notSent: readonly Unsent[]
  /** Products of which the source could not be asked, and why. */
  readonly notChecked: readonly Unsent[]
  readonly withoutPrice: number
  /** Products of which the source knows nothing. */
  readonly unknown: number
  /** Products that will have no price until somebody acts, the unknown ones among them. */
  readonly notFollowed: number
  /** What Keepa said last of the tokens that are left; null where it was not asked. */
  readonly tokensLeft: number | null
}

/** What one step of a run adds to its report. */
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

/** Whether an event is missing that another run may send. */
export const isToBeSentAgain = ({ notSent = [] }: RunStep): boolean =>
  notSent.some(({ retriable }) => retriable)
