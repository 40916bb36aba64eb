import { formatsOf } from '../core/mail/formats.ts'
import type { LinkScope } from '../core/mail/link-tokens.ts'
import type { Standing } from './standing.ts'

/** What the page says. */
export interface PageText {
  readonly language: string
  readonly heading: string
  readonly state: string
  /** The one thing to do here. */
  readonly button: string
  /** Where everything can be left; null where this is that page, or a watch's. */
  readonly leaveAll: string | null
}

type Subject = 'watch' | 'alert' | 'report' | 'notice' | 'all'

interface Words {
  readonly name: Readonly<Record<Subject, string>>
  readonly on: Readonly<Record<Subject, string>>
  readonly off: Readonly<Record<Subject, string>>
  readonly leave: Readonly<Record<Subject, string>>
  readonly comeBack: Readonly<Record<Subject, string>>
  readonly leaveAll: string
}

const kinds = (
  say: (what: string) => string,
  alert: string,
  report: string,
  notice: string,
  all: string,
) => ({
  alert: say(alert),
  report: say(report),
  notice: say(notice),
  all: say(all),
})

const ENGLISH = ['price alerts', 'deal reports', 'notices about watches', 'messages from Keeper'] as const
const GERMAN = [
  'Preismeldungen',
  'Angebotsberichte',
  'Hinweise zu Beobachtungen',
  'Nachrichten von Keeper',
] as const

const english: Words = {
  name: { watch: 'Your watch', ...kinds((what) => `Your ${what}`, ...ENGLISH) },
  on: {
    watch: 'Keeper tells you when its price is at your target.',
    ...kinds((what) => `You get ${what}.`, ...ENGLISH),
  },
  off: {
    watch: 'This watch is paused: you get no message about it.',
    ...kinds((what) => `You get no ${what} any more.`, ...ENGLISH),
  },
  leave: { watch: 'Pause this watch', ...kinds((what) => `No more ${what}`, ...ENGLISH) },
  comeBack: { watch: 'Resume this watch', ...kinds((what) => `Send me ${what} again`, ...ENGLISH) },
  leaveAll: 'Or end all messages from Keeper',
}

const german: Words = {
  name: { watch: 'Deine Beobachtung', ...kinds((what) => `Deine ${what}`, ...GERMAN) },
  on: {
    watch: 'Keeper meldet sich, wenn der Preis deinen Wunschpreis erreicht.',
    ...kinds((what) => `Du bekommst ${what}.`, ...GERMAN),
  },
  off: {
    watch: 'Diese Beobachtung ruht: Du bekommst keine Nachricht darüber.',
    ...kinds((what) => `Du bekommst keine ${what} mehr.`, ...GERMAN),
  },
  leave: { watch: 'Diese Beobachtung anhalten', ...kinds((what) => `Keine ${what} mehr`, ...GERMAN) },
  comeBack: {
    watch: 'Diese Beobachtung fortsetzen',
    ...kinds((what) => `Wieder ${what} schicken`, ...GERMAN),
  },
  leaveAll: 'Oder alle Nachrichten von Keeper beenden',
}

const WORDS = { en: english, de: german }

/** What the page says of a link, in its user's language. */
export function textOf(scope: LinkScope, { locale, isOn }: Standing): PageText {
  const { language } = formatsOf({ locale, timeZone: 'UTC' })
  const words = WORDS[language]
  const subject = subjectOf(scope)
  return {
    language,
    heading: words.name[subject],
    state: (isOn ? words.on : words.off)[subject],
    button: (isOn ? words.leave : words.comeBack)[subject],
    leaveAll: isOn && subject !== 'all' && subject !== 'watch' ? words.leaveAll : null,
  }
}

function subjectOf(scope: LinkScope): Subject {
  if (scope === 'all') return 'all'
  return scope.startsWith('watch:') ? 'watch' : (scope.slice('kind:'.length) as Subject)
}
