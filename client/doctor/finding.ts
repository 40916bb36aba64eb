import type { Part } from '../../lambdas/operator/failures.ts'

/** What a check found. */
export interface Finding {
  readonly check: string
  readonly outcome: 'ok' | 'problem' | 'not checked'
  /** What was found, in a sentence. */
  readonly says: string
  /** What to do about it; null unless it is a problem. */
  readonly fix: string | null
}

export const ok = (check: string, says: string): Finding => ({ check, outcome: 'ok', says, fix: null })

export const problem = (check: string, says: string, fix: string): Finding => ({
  ...{ check, outcome: 'problem', says, fix },
})

/** What it is about could not be read; the check that says why is another. */
export const notChecked = (check: string): Finding => ({
  ...{ check, outcome: 'not checked', says: 'What it needs could not be read.', fix: null },
})

/** The findings of a check on a part that was read. */
export const on = <Value>(
  check: string,
  part: Part<Value>,
  examine: (value: Value) => readonly Finding[],
): readonly Finding[] => ('error' in part ? [notChecked(check)] : examine(part.value))
