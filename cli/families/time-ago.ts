import { InvalidArgumentError } from 'commander'
import { writtenTime } from '../../lambdas/operator/written-time.ts'

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** When `90s`, `10m`, `1h` or `2d` ago was, or a time such as 2026-02-20T12:00:00Z; in UTC unless it has a zone. */
export function timeAgo(text: string, now = new Date()): Date {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  if (count !== undefined) return new Date(now.getTime() - Number(count) * (UNIT_MS[unit] ?? 0))
  const time = writtenTime(text)
  if (time !== undefined) return new Date(time)
  throw new InvalidArgumentError(
    'It is an age such as 90s, 10m, 1h or 2d, or a time such as 2026-02-20T12:00:00Z.',
  )
}
