/** A target that is computed once, from the prices there were. */
export type TargetRule =
  /** So much below what the product usually costs: the median by time of 90 days. `15%`, `15`. */
  | { readonly drop: string }
  /** Below the lowest price of so many days. `90d`, `90`. */
  | { readonly belowLowest: string }

/** The number of a rule, or why there is none: a client looks before it does what comes first. */
export function ruleNumber(rule: TargetRule): { readonly number: number } | { readonly fault: string } {
  if ('drop' in rule) {
    const number = numberIn(rule.drop, /^(\d{1,2}(?:[.,]\d)?)\s*%?$/)
    return number
      ? { number }
      : { fault: `"${rule.drop}" is not a drop: write one like 15%, from 0.1 to 99.` }
  }
  const number = numberIn(rule.belowLowest, /^(\d{1,5})\s*d?$/)
  return number ? { number } : { fault: `"${rule.belowLowest}" is not a number of days: write one like 90d.` }
}

function numberIn(text: string, form: RegExp): number | undefined {
  const [, digits] = form.exec(text.trim()) ?? []
  const number = digits === undefined ? 0 : Number(digits.replace(',', '.'))
  return number > 0 ? number : undefined
}
