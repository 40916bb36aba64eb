/** A run of a command whose output the page shows. */
export interface Example {
  /** The command: `topics list`. */
  readonly command: string
  /** What is written behind it. */
  readonly args: readonly string[]
  /** Whether its output, times aside, is the same in every run on the fixed data. */
  readonly varies?: true
}

/** One that the simulated market does not have: it would add a history of its own. */
export const ASIN = 'B0KEEPER01'
export const USER = 'ada@example.com'

/** Watches for `watches import`, in the folder that commands run in. */
export const IMPORTED = { file: 'watches.csv', text: `product,domain,target\n${ASIN},co.uk,39.50\n` }

const example = (command: string, ...args: readonly string[]): Example => ({ command, args })
const varying = (command: string, ...args: readonly string[]): Example => ({ command, args, varies: true })

/** Before any price is known. */
export const FIRST: readonly Example[] = [
  example('users add', USER),
  example('watches add', `https://www.amazon.de/dp/${ASIN}?th=1`, '--target', '45'),
]

/** Once the events of events.ts are stored. */
export const THEN: readonly Example[] = [
  varying('status'),
  varying('doctor'),
  example('topics list'),
  example('topics describe', 'price-updates'),
  example('topics create', 'returns', '--partitions', '3', '--replication-factor', '1', '--yes'),
  example('topics count', 'price-updates'),
  example('messages read', 'price-updates', '-n', '5'),
  varying('groups list'),
  example('groups describe', 'keeper-consumer-group-deals'),
  example('groups reset', 'keeper-consumer-group-deals', '--to', 'start', '--dry-run'),
  example('watches list'),
  example('watches show', ASIN),
  example('watches target', ASIN, '40', '--yes'),
  example('watches pause', ASIN, '--yes'),
  example('watches resume', ASIN, '--yes'),
  example('watches snooze', ASIN, '--until', '2100-01-01'),
  example('watches unsnooze', ASIN),
  example('watches import', IMPORTED.file, '--yes'),
  example('watches export'),
  varying('prices', ASIN, '--domain', 'de'),
  example('alerts list'),
  example('alerts show', '1'),
  example('users list'),
  example('users set', USER, '--locale', 'en-GB', '--time-zone', 'Europe/London', '--quiet', '22:00-07:00'),
  example('users mute', USER, '--kind', 'report'),
  example('users show', USER),
  example('users unmute', USER, '--kind', 'all'),
  example('deals list', '--min-discount', '40'),
  example('search', 'kettle', '--max-price', '100'),
  example('filters add', '--min-discount', '40', '--max-price', '100'),
  example('filters list'),
  example('filters remove', '1', '--yes'),
  example('rejected list'),
  example('rejected show', '1'),
  example('rejected redrive', '--all', '--dry-run'),
  example('channels add', 'email', 'ada@example.net', '--user', USER),
  example('channels list', '--user', USER),
  varying('channels test', '1'),
  varying('mail list'),
  varying('notifier show'),
  example('channels remove', '1', '--yes'),
]
