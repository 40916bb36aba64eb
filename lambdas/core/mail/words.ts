import type { Language } from './formats.ts'

/** What messages say, in each language. Arguments come formatted. */
export interface Words {
  readonly alertIntro: (count: number) => string
  readonly digestIntro: (count: number) => string
  readonly reportIntro: (count: number, day: string) => string
  readonly subjectMore: (first: string, others: number) => string
  readonly reportSubject: (first: string, others: number) => string
  readonly less: (difference: string, percent: string, before: string) => string
  readonly more: (difference: string, percent: string, before: string) => string
  readonly firstPrice: string
  readonly target: string
  readonly observed: string
  readonly seenAt: (time: string) => string
  readonly ofDays: (days: number) => string
  readonly allTimeLow: string
  readonly lowestAndMedian: (lowest: string, median: string) => string
  readonly onDay: (value: string, day: string) => string
  readonly watchedSince: string
  readonly targetReached: (target: string) => string
  readonly lowerAgain: (target: string) => string
  readonly chart: (from: string, until: string, lowest: string, highest: string, now: string) => string
  readonly range: (lowest: string, highest: string) => string
  readonly chartTarget: (target: string) => string
  readonly buy: (shop: string) => string
  readonly pause: string
  readonly pauseCommand: (command: string) => string
  readonly discount: string
  readonly rating: string
  readonly stars: (stars: string, reviews: string | null) => string
  readonly leave: Readonly<Record<'alert' | 'digest' | 'report' | 'notice' | 'test', string>>
  readonly leaveCommand: (command: string) => string
  readonly sender: string
  readonly noticeSubject: (title: string) => string
  readonly notice: Readonly<Record<'invalid' | 'redirected' | 'gone', (since: string) => string>>
  readonly insteadOf: string
  readonly testSubject: string
  readonly testIntro: string
}

const english: Words = {
  alertIntro: (count) =>
    count === 1 ? 'A price you watch is at your target.' : `${count} prices you watch are at your targets.`,
  digestIntro: (count) =>
    count === 1
      ? 'Meanwhile a price you watch came to your target.'
      : `Meanwhile ${count} prices you watch came to your targets.`,
  reportIntro: (count, day) =>
    count === 1 ? `One deal of ${day} passes your filters.` : `${count} deals of ${day} pass your filters.`,
  subjectMore: (first, others) => `${first}, and ${others} more`,
  reportSubject: (first, others) =>
    others === 0 ? first : `${first}, and ${others} more ${others === 1 ? 'deal' : 'deals'}`,
  less: (difference, percent, before) => `${difference} (${percent}) less than ${before}`,
  more: (difference, percent, before) => `${difference} (${percent}) more than ${before}`,
  firstPrice: 'the first price seen',
  target: 'Your target',
  observed: 'Seen',
  seenAt: (time) => `seen ${time}`,
  ofDays: (days) => `${days} days`,
  allTimeLow: 'Lowest ever seen',
  lowestAndMedian: (lowest, median) => `lowest ${lowest}, median ${median}`,
  onDay: (value, day) => `${value} on ${day}`,
  watchedSince: 'Watched since',
  targetReached: (target) => `You get this because the price reached your target of ${target}.`,
  lowerAgain: (target) =>
    `You get this because the price fell again, further below your target of ${target}.`,
  chart: (from, until, lowest, highest, now) =>
    `Price from ${from} to ${until}: lowest ${lowest}, highest ${highest}, now ${now}`,
  range: (lowest, highest) => `${lowest} to ${highest}`,
  chartTarget: (target) => `, target ${target} (dashed)`,
  buy: (shop) => `See it on ${shop}`,
  pause: 'Pause this watch',
  pauseCommand: (command) => `To pause this watch: ${command}`,
  discount: 'Discount',
  rating: 'Rating',
  stars: (stars, reviews) => (reviews === null ? `${stars} of 5` : `${stars} of 5, ${reviews} reviews`),
  leave: {
    alert: 'No more price alerts',
    digest: 'No more price alerts',
    report: 'No more deal reports',
    notice: 'No more notices about watches',
    test: 'No more messages',
  },
  leaveCommand: (command) => `To end these messages: ${command}`,
  sender: 'Sent by Keeper, which watches Amazon prices for you.',
  noticeSubject: (title) => `This watch cannot alert you: ${title}`,
  notice: {
    invalid: (since) => `Amazon has no product under this ASIN, or none that has a price (since ${since}).`,
    redirected: (since) => `Amazon shows another product in its place (since ${since}).`,
    gone: (since) => `Nobody has offered it since ${since}. Keeper goes on looking.`,
  },
  insteadOf: 'The product shown instead',
  testSubject: 'Keeper can reach you here',
  testIntro:
    'This is a test, sent because somebody asked for it. Price alerts will look much like this message.',
}

const german: Words = {
  alertIntro: (count) =>
    count === 1
      ? 'Ein Preis, den du beobachtest, hat deinen Wunschpreis erreicht.'
      : `${count} Preise, die du beobachtest, haben ihren Wunschpreis erreicht.`,
  digestIntro: (count) =>
    count === 1
      ? 'Inzwischen hat ein Preis deinen Wunschpreis erreicht.'
      : `Inzwischen haben ${count} Preise ihren Wunschpreis erreicht.`,
  reportIntro: (count, day) =>
    count === 1
      ? `Ein Angebot vom ${day} passt zu deinen Filtern.`
      : `${count} Angebote vom ${day} passen zu deinen Filtern.`,
  subjectMore: (first, others) => `${first} und ${others} ${others === 1 ? 'weiterer' : 'weitere'}`,
  reportSubject: (first, others) =>
    others === 0 ? first : `${first} und ${others} ${others === 1 ? 'weiteres Angebot' : 'weitere Angebote'}`,
  less: (difference, percent, before) => `${difference} (${percent}) weniger als ${before}`,
  more: (difference, percent, before) => `${difference} (${percent}) mehr als ${before}`,
  firstPrice: 'der erste gesehene Preis',
  target: 'Dein Wunschpreis',
  observed: 'Gesehen',
  seenAt: (time) => `gesehen ${time}`,
  ofDays: (days) => `${days} Tage`,
  allTimeLow: 'Tiefster je gesehener',
  lowestAndMedian: (lowest, median) => `tiefster ${lowest}, Median ${median}`,
  onDay: (value, day) => `${value} am ${day}`,
  watchedSince: 'Beobachtet seit',
  targetReached: (target) =>
    `Du bekommst dies, weil der Preis deinen Wunschpreis von ${target} erreicht hat.`,
  lowerAgain: (target) =>
    `Du bekommst dies, weil der Preis noch weiter unter deinen Wunschpreis von ${target} gefallen ist.`,
  chart: (from, until, lowest, highest, now) =>
    `Preis vom ${from} bis ${until}: tiefster ${lowest}, höchster ${highest}, jetzt ${now}`,
  range: (lowest, highest) => `${lowest} bis ${highest}`,
  chartTarget: (target) => `, Wunschpreis ${target} (gestrichelt)`,
  buy: (shop) => `Bei ${shop} ansehen`,
  pause: 'Diese Beobachtung anhalten',
  pauseCommand: (command) => `So hältst du diese Beobachtung an: ${command}`,
  discount: 'Nachlass',
  rating: 'Bewertung',
  stars: (stars, reviews) => (reviews === null ? `${stars} von 5` : `${stars} von 5, ${reviews} Bewertungen`),
  leave: {
    alert: 'Keine Preismeldungen mehr',
    digest: 'Keine Preismeldungen mehr',
    report: 'Keine Angebotsberichte mehr',
    notice: 'Keine Hinweise zu Beobachtungen mehr',
    test: 'Keine Nachrichten mehr',
  },
  leaveCommand: (command) => `So beendest du diese Nachrichten: ${command}`,
  sender: 'Gesendet von Keeper, der für dich Preise bei Amazon beobachtet.',
  noticeSubject: (title) => `Diese Beobachtung kann nichts melden: ${title}`,
  notice: {
    invalid: (since) =>
      `Amazon hat unter dieser ASIN kein Produkt oder keines mit einem Preis (seit ${since}).`,
    redirected: (since) => `Amazon zeigt an seiner Stelle ein anderes Produkt (seit ${since}).`,
    gone: (since) => `Seit ${since} bietet es niemand mehr an. Keeper sieht weiter nach.`,
  },
  insteadOf: 'Das Produkt an seiner Stelle',
  testSubject: 'Keeper erreicht dich hier',
  testIntro: 'Dies ist ein Test, um den jemand gebeten hat. Preismeldungen sehen ähnlich aus.',
}

/** The words of each language. */
export const WORDS: Readonly<Record<Language, Words>> = { en: english, de: german }
