const DAY_S = 86_400

/** What stands below the axis of time, as this machine's language writes it: times of a day, days, months or years. */
export function timeLabels(utc: boolean): (splits: readonly number[], step: number) => string[] {
  const written = (parts: Intl.DateTimeFormatOptions) => {
    const format = new Intl.DateTimeFormat(undefined, { ...parts, ...(utc && { timeZone: 'UTC' }) })
    return (seconds: number) => format.format(seconds * 1_000)
  }
  const time = written({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
  const day = written({ day: 'numeric', month: 'short' })
  const month = written({ month: 'short' })
  const year = written({ year: 'numeric' })
  return (splits, step) => {
    const [small, large] =
      step < DAY_S
        ? [time, day]
        : step < 28 * DAY_S
          ? [day, year]
          : step < 365 * DAY_S
            ? [month, year]
            : [year]
    return splits.map((at, index) => {
      const before = splits[index - 1]
      // The larger part stands where it changes.
      const isNew = large && (before === undefined || large(before) !== large(at))
      return isNew ? `${small(at)}\n${large(at)}` : small(at)
    })
  }
}
