import { signal } from '@preact/signals'

const KEY = 'keeper-utc'

/** Whether times are shown in UTC, or as this machine's clock shows them. */
export const isUtc = signal(localStorage.getItem(KEY) === 'yes')
isUtc.subscribe((value) => localStorage.setItem(KEY, value ? 'yes' : 'no'))

/** Ticks, so that relative times stay true. */
const now = signal(Date.now())
setInterval(() => {
  now.value = Date.now()
}, 10_000)

const relative = new Intl.RelativeTimeFormat('en', { style: 'narrow' })
const UNITS = [
  ['year', 31_536_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** `3 min. ago` */
export function relativeTo(ms: number, nowMs: number): string {
  const difference = ms - nowMs
  for (const [unit, size] of UNITS) {
    if (Math.abs(difference) >= size) return relative.format(Math.round(difference / size), unit)
  }
  return 'now'
}

/** A time, `2026-02-20 13:30:00`, with milliseconds where it has some, in UTC or by this machine's clock. */
export function absolute(ms: number, utc: boolean): string {
  const shift = utc ? 0 : new Date(ms).getTimezoneOffset() * 60_000
  return new Date(ms - shift)
    .toISOString()
    .replace('T', ' ')
    .slice(0, 23)
    .replace(/\.000$/, '')
}

/** A time: absolute and relative together. */
export function Time({ at }: { readonly at: string | number | null }) {
  if (at === null) return <span class="soft">never</span>
  const ms = typeof at === 'number' ? at : Date.parse(at)
  return (
    <time dateTime={new Date(ms).toISOString()} class="time">
      {absolute(ms, isUtc.value)} <span class="soft">{relativeTo(ms, now.value)}</span>
    </time>
  )
}
