import type { Node } from 'constructs'
import { KeeperError } from '../lambdas/core/errors.ts'
import { MARKETPLACES, marketplaceOf } from '../lambdas/core/marketplaces.ts'
import { PROFILES, type SizeProfile } from './config.ts'
import type { HistoryMonths } from './constructs/functions/maintenance.ts'
import { type DeployedStage, type DeployedStages, readDeployedStages, recordOf } from './deployed-stage.ts'
import { AVAILABILITY_ZONE, type Existing, readExisting } from './existing.ts'
import { profileProblems } from './profile-rules.ts'
import { stageProblems } from './stage-rules.ts'

/** The settings of one synthesis. */
export interface Settings {
  /** Distinguishes deployments in one account; part of every stack's name and a dimension of every metric. */
  readonly stage: string
  readonly size: string
  readonly profile: SizeProfile
  /** Marketplaces whose deals are collected. */
  readonly dealDomains: readonly string[]
  /** Whether Keepa is asked for the buy box if Amazon itself has no offer: three tokens a product instead of one. */
  readonly buyBox: 'on' | 'off'
  /** Whether messages hold links to a public page on which people leave, pause and come back. */
  readonly publicLinks: 'on' | 'off'
  /** Whether deals are searched in OpenSearch; otherwise Postgres searches. */
  readonly search: 'on' | 'off'
  /** How long messages with their deliveries, and rejected records, are kept. */
  readonly keepDays: { readonly messages: number; readonly rejected: number }
  /** How many years of a product's past are imported when somebody watches it. */
  readonly historyYears: number
  /** Months of the history that are kept, and that keep every price; undefined: all of them. */
  readonly historyMonths: HistoryMonths
  /** The e-mail address that receives alarms; default: none. */
  readonly alarmEmail?: string
  /** The e-mail address that people's mails come from; default: none, and nothing is mailed. */
  readonly mailFrom?: string
  /** The identity in SES that `mailFrom` is sent by, its address or its domain; default: one is made. */
  readonly existingMailIdentity?: string
  /** Where docs/runbook.md can be read; the alarms' texts link there. */
  readonly runbookUrl: string
  readonly existing: Existing
  /** The names of the zones to use; default: an existing network's, or by position. */
  readonly availabilityZones?: readonly string[]
  /** What the stage was last deployed with; undefined until it is recorded. */
  readonly deployed?: DeployedStage
}

/**
 * The settings that the context asks for: `-c stage=dev -c size=dev -c dealDomains=de,com -c alarmEmail=me@example.com`.
 * @throws KeeperError `settings_invalid` with sentences that say what to change
 */
export function readSettings(node: Node, stages: DeployedStages = readDeployedStages()): Settings {
  const size = sizeOf(node)
  const profile: SizeProfile = PROFILES[size]
  const existing = readExisting(node)
  const problems = profileProblems(profile, {
    zones: existing.vpc
      ? { count: existing.vpc.availabilityZones.length, setting: 'existingVpc.availabilityZones' }
      : { count: profile.availabilityZones, setting: 'availabilityZones' },
    makes: { kafka: !existing.kafka, database: !existing.database },
  })
  if (problems.length > 0) throw invalid(`Size profile "${size}": ${problems.join(' ')}`)
  const settings = {
    stage: stageOf(node),
    size,
    profile,
    dealDomains: dealDomainsOf(node),
    buyBox: switchOf(node, 'buyBox', 'on'),
    publicLinks: switchOf(node, 'publicLinks', 'off'),
    search: searchOf(node),
    keepDays: {
      messages: daysOf(node, 'keepMessagesDays', 365),
      rejected: daysOf(node, 'keepRejectedDays', 90),
    },
    historyYears: historyYearsOf(node),
    historyMonths: {
      kept: monthsOf(node, 'historyRetention', { none: 'forever', fallback: 'forever', least: 12 }),
      unthinned: monthsOf(node, 'historyThinning', { none: 'off', fallback: 3, least: 1 }),
    },
    alarmEmail: alarmEmailOf(node),
    mailFrom: mailFromOf(node),
    existingMailIdentity: existingMailIdentityOf(node),
    runbookUrl: runbookUrlOf(node),
    existing,
    availabilityZones: availabilityZonesOf(node, profile, existing),
  }
  const deployed = stages[settings.stage]
  const refused = stageProblems(settings.stage, deployed, recordOf(settings))
  if (refused.length > 0) throw invalid(refused.join('\n'))
  return { ...settings, deployed }
}

function stageOf(node: Node): string {
  const stage = String(node.tryGetContext('stage') ?? 'dev')
  // RDS refuses an identifier with two hyphens side by side:
  // https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html (DBInstanceIdentifier)
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(stage) && stage.length <= 20) return stage
  throw invalid(
    `The stage "${stage}" cannot be part of a stack's name: set -c stage=<name> to at most 20 lower-case letters, digits and single hyphens between them, starting with a letter.`,
  )
}

function sizeOf(node: Node): keyof typeof PROFILES {
  const size = String(node.tryGetContext('size') ?? 'dev')
  if (isSize(size)) return size
  throw invalid(
    `There is no size profile "${size}": set -c size=<name> to one of ${Object.keys(PROFILES).join(', ')}.`,
  )
}

function dealDomainsOf(node: Node): string[] {
  const dealDomains = String(node.tryGetContext('dealDomains') ?? 'de').split(',')
  const unknown = dealDomains.find((domain) => !marketplaceOf(domain))
  if (unknown === undefined) return dealDomains
  throw invalid(
    `Keepa has no marketplace "${unknown}": set -c dealDomains=<list> to any of ${MARKETPLACES.map(({ domain }) => domain).join(',')}.`,
  )
}

function switchOf(node: Node, name: string, fallback: 'on' | 'off'): 'on' | 'off' {
  const value: unknown = node.tryGetContext(name) ?? fallback
  if (value === 'on' || value === 'off') return value
  throw invalid(`${name} is "${value}": set -c ${name}=on or -c ${name}=off.`)
}

/** `-c search=true` is what many would write. */
function searchOf(node: Node): 'on' | 'off' {
  const given = String(node.tryGetContext('search'))
  if (given === 'true') return 'on'
  return given === 'false' ? 'off' : switchOf(node, 'search', 'off')
}

/** A week at least, so that nothing goes that is still being looked at. */
function daysOf(node: Node, name: string, fallback: number): number {
  const days = Number(node.tryGetContext(name) ?? fallback)
  if (Number.isInteger(days) && days >= 7 && days <= 36_500) return days
  throw invalid(`${name} is "${node.tryGetContext(name)}": set -c ${name}=<days> to 7 or more.`)
}

function historyYearsOf(node: Node): number {
  const given: unknown = node.tryGetContext('historyYears') ?? 3
  const years = Number(given)
  if (String(given).trim() !== '' && Number.isInteger(years) && years >= 0 && years <= 30) return years
  throw invalid(`historyYears is "${given}": set -c historyYears=<n> to a whole number from 0 to 30.`)
}

/** A number of months, or a word for none. What is kept holds the year that statistics are of. */
function monthsOf(
  node: Node,
  name: string,
  {
    none,
    fallback,
    least,
  }: { readonly none: string; readonly fallback: number | string; readonly least: number },
): number | undefined {
  const given: unknown = node.tryGetContext(name) ?? fallback
  if (given === none) return undefined
  const months = Number(given)
  if (String(given).trim() !== '' && Number.isInteger(months) && months >= least && months <= 1_200)
    return months
  throw invalid(
    `${name} is "${given}": set -c ${name}=<months> to a whole number from ${least} on, or to ${none}.`,
  )
}

function alarmEmailOf(node: Node): string | undefined {
  const email: unknown = node.tryGetContext('alarmEmail')
  if (email === undefined) return undefined
  if (typeof email === 'string' && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) return email
  throw invalid(`alarmEmail is "${email}": set -c alarmEmail=<address> to an e-mail address.`)
}

/** Stricter than mail is: the address is part of an ARN, where some characters are wildcards. */
function mailFromOf(node: Node): string | undefined {
  const from: unknown = node.tryGetContext('mailFrom')
  if (from === undefined) return undefined
  if (typeof from === 'string' && /^[A-Za-z0-9._%+-]+@([A-Za-z0-9-]+\.)+[A-Za-z]{2,}$/.test(from)) return from
  throw invalid(
    `mailFrom is "${from}": set -c mailFrom=<address> to an e-mail address such as keeper@example.com, without a name.`,
  )
}

/** What SES has verified: an address, or a domain with all below it. */
function existingMailIdentityOf(node: Node): string | undefined {
  const identity: unknown = node.tryGetContext('existingMailIdentity')
  if (identity === undefined) return undefined
  const from = mailFromOf(node) ?? ''
  const domain = from.slice(from.indexOf('@') + 1)
  if (identity === from || identity === domain || (identity && domain.endsWith(`.${identity}`))) {
    return String(identity)
  }
  throw invalid(
    `existingMailIdentity is "${identity}", which does not send as ${from || 'nobody: mailFrom is not set'}: set -c existingMailIdentity=<address or domain> to mailFrom or its domain.`,
  )
}

function runbookUrlOf(node: Node): string {
  const url = String(node.tryGetContext('runbookUrl') ?? 'docs/runbook.md')
  if (!/[#\s]/.test(url)) return url
  throw invalid(`runbookUrl is "${url}": set -c runbookUrl=<address> to an address without spaces and #.`)
}

function availabilityZonesOf(
  node: Node,
  { availabilityZones: count }: SizeProfile,
  { vpc }: Existing,
): string[] | undefined {
  const given: unknown = node.tryGetContext('availabilityZones')
  if (given === undefined) return undefined
  if (vpc) throw invalid('existingVpc names the zones: leave out -c availabilityZones.')
  const zones = String(given).split(',')
  const regions = new Set(zones.map((zone) => zone.slice(0, -1)))
  const areZones = zones.every((zone) => AVAILABILITY_ZONE.test(zone))
  if (areZones && regions.size === 1 && new Set(zones).size === zones.length && zones.length === count) {
    return zones
  }
  throw invalid(
    `availabilityZones is "${zones}": set it to ${count} zones of one region, as many as the size profile has, for example -c availabilityZones=eu-central-1a,eu-central-1b.`,
  )
}

const isSize = (size: string): size is keyof typeof PROFILES => Object.hasOwn(PROFILES, size)

const invalid = (message: string): KeeperError => new KeeperError('settings_invalid', message)
