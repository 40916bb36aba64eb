/** A day, or a time with or without its zone. No place on earth is further than 14 hours from UTC. */
const FORM =
  /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-](?:0\d|1[0-4]):?[0-5]\d)?)?$/i

/**
 * A day or a time that somebody wrote, in milliseconds since 1970: 2026-02-20, 2026-02-20T12:00:00Z,
 * 2026-02-20T13:00+01:00. Without a zone it is in UTC, wherever it is read.
 * @returns undefined where there is no such time
 */
export function writtenTime(text: string): number | undefined {
  const [, day, time = '00:00', zone = 'Z'] = FORM.exec(text) ?? []
  if (day === undefined || !isDay(day)) return undefined
  const ms = Date.parse(`${day}T${time}${zone.toUpperCase().replace(/(\d\d)(\d\d)$/, '$1:$2')}`)
  return Number.isNaN(ms) ? undefined : ms
}

/** Date.parse takes a 30th of February for the 2nd of March, which Postgres refuses, as it does the year 0. */
function isDay(day: string): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && day > '0001' && new Date(ms).toISOString().startsWith(day)
}
