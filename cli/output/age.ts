const UNITS = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
] as const

/** How long ago a time was, in its largest unit: `3 min ago`; `never` where there is none. */
export function age(time: string | null, nowMs: number): string {
  if (time === null) return 'never'
  const seconds = Math.round((nowMs - Date.parse(time)) / 1_000)
  if (seconds < 0) return `in ${inUnits(-seconds)}`
  return `${inUnits(seconds)} ago`
}

function inUnits(seconds: number): string {
  const [unit, size] = UNITS.find(([, each]) => seconds >= each) ?? ['s', 1]
  return `${Math.floor(seconds / size)} ${unit}`
}
