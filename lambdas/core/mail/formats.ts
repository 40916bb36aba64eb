import type { Amount } from '../money.ts'
import type { Reader } from './message.ts'

/** How a reader's language and time zone write money, shares and times. */
export interface Formats {
  /** The language of the words: `en` or `de`. */
  readonly language: Language
  money(amount: Amount, currency: string): string
  /** -0.2 as `-20%`. */
  percent(share: number): string
  /** A number that counts things, or stars. */
  number(value: number): string
  /** With the time of day and the zone, `20 Feb 2026, 13:30 CET`. */
  time(iso: string): string
  /** The day alone, in the reader's zone. */
  day(iso: string): string
  /** A day that is one already, `2026-02-20`. */
  localDay(day: string): string
}

export type Language = 'en' | 'de'

/** Languages that have words; the first is everybody else's. */
const LANGUAGES: readonly Language[] = ['en', 'de']

/** The formats of a reader. An unknown locale or time zone is read as English in UTC. */
export function formatsOf(reader: Reader): Formats {
  const language = LANGUAGES.find((known) => known === reader.locale.slice(0, 2).toLowerCase()) ?? 'en'
  // A language without words gets its numbers in the words' language too: half of each helps nobody.
  const locale = isLocale(reader.locale) && reader.locale.startsWith(language) ? reader.locale : language
  const timeZone = isTimeZone(reader.timeZone) ? reader.timeZone : 'UTC'
  const day = { day: 'numeric', month: 'short', year: 'numeric', timeZone } as const
  const days = new Intl.DateTimeFormat(locale, day)
  const localDays = new Intl.DateTimeFormat(locale, { ...day, timeZone: 'UTC' })
  const times = new Intl.DateTimeFormat(locale, {
    ...day,
    ...{ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' },
  })
  const whole = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const tenths = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 })
  const numbers = new Intl.NumberFormat(locale)
  return {
    language,
    money: (amount, currency) =>
      // A string is formatted digit by digit, without a float in between.
      new Intl.NumberFormat(locale, { style: 'currency', currency }).format(amount as `${number}`),
    percent: (share) => (Math.abs(share) < 0.1 ? tenths : whole).format(share),
    number: (value) => numbers.format(value),
    time: (iso) => times.format(new Date(iso)),
    day: (iso) => days.format(new Date(iso)),
    localDay: (text) => localDays.format(new Date(`${text}T00:00:00Z`)),
  }
}

const isLocale = (locale: string) => isTaken(() => new Intl.NumberFormat(locale))

/** Whether this is a time zone of the IANA database, such as `Europe/Berlin`. */
export const isTimeZone = (timeZone: string): boolean =>
  isTaken(() => new Intl.DateTimeFormat('en', { timeZone }))

function isTaken(make: () => unknown): boolean {
  try {
    make()
    return true
  } catch {
    return false
  }
}
