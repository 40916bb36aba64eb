import type { Node } from 'constructs'
import { KeeperError } from '../lambdas/core/errors.ts'

/** An existing network. Kafka and the functions use the private subnets, a new database the database subnets. */
export interface ExistingVpc {
  readonly vpcId: string
  readonly availabilityZones: readonly string[]
  /** One per zone, in the zones' order, with a route to the internet. */
  readonly privateSubnetIds: readonly string[]
  /** One per zone; default: the private subnets. */
  readonly databaseSubnetIds?: readonly string[]
}

/** An existing provisioned MSK cluster. */
export interface ExistingKafka {
  readonly clusterArn: string
  /** The brokers' security group, which gets rules that let in producers and pollers. */
  readonly securityGroupId: string
  readonly brokers: number
  readonly replicationFactor: number
}

/** An existing RDS for PostgreSQL instance. */
export interface ExistingDatabase {
  readonly host: string
  /** `db-ABCDEFGHIJKL`: what `rds-db:connect` is granted on. */
  readonly resourceId: string
  /** The DB instance identifier, a dimension of CloudWatch's metrics. */
  readonly instanceIdentifier: string
  /** A secret with `username` and `password` of the user that will own the tables. */
  readonly secretArn: string
  /** The customer managed key that encrypts the secret; default: Secrets Manager's own key. */
  readonly secretKeyArn?: string
  readonly user: string
  readonly databaseName: string
  readonly securityGroupId: string
}

/** The parts that exist already and are not created. */
export interface Existing {
  readonly vpc?: ExistingVpc
  readonly kafka?: ExistingKafka
  readonly database?: ExistingDatabase
}

/** A zone's name in this account: `eu-central-1a`. */
export const AVAILABILITY_ZONE = /^[a-z]{2}(-[a-z]+)+-\d[a-z]$/

const SECURITY_GROUP = /^sg-[0-9a-f]+$/
const SUBNET = /^subnet-[0-9a-f]+$/

/** Each field's form: a string, a list of strings, or a whole number. */
const FORMS = {
  existingVpc: {
    vpcId: /^vpc-[0-9a-f]+$/,
    availabilityZones: [AVAILABILITY_ZONE],
    privateSubnetIds: [SUBNET],
    databaseSubnetIds: [SUBNET],
  },
  existingKafka: {
    clusterArn: /^arn:aws[a-z-]*:kafka:[a-z0-9-]+:\d{12}:cluster\/[^/]+\/[^/]+$/,
    securityGroupId: SECURITY_GROUP,
    brokers: 'number',
    replicationFactor: 'number',
  },
  existingDatabase: {
    host: /^[a-z0-9.-]+$/,
    resourceId: /^db-[A-Z0-9]+$/,
    instanceIdentifier: /^[a-z][a-z0-9-]*$/,
    secretArn: /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+$/,
    secretKeyArn: /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[0-9a-z-]+$/,
    user: /^[a-z_][a-z0-9_]*$/,
    databaseName: /^[a-z_][a-z0-9_]*$/,
    securityGroupId: SECURITY_GROUP,
  },
} as const satisfies Record<string, Record<string, RegExp | readonly [RegExp] | 'number'>>

const OPTIONAL = ['databaseSubnetIds', 'secretKeyArn']

/**
 * The existing parts that the context names: objects in cdk.json's context, or JSON with `-c existingVpc='{...}'`.
 * @throws KeeperError `settings_invalid` with one sentence that says what to change
 */
export function readExisting(node: Node): Existing {
  const vpc = read<ExistingVpc>(node, 'existingVpc')
  const kafka = read<ExistingKafka>(node, 'existingKafka')
  const database = read<ExistingDatabase>(node, 'existingDatabase')
  if ((kafka || database) && !vpc) {
    throw invalid('An existing cluster or database needs an existing network: set existingVpc too.')
  }
  if (kafka && kafka.replicationFactor > kafka.brokers) {
    throw invalid(
      `existingKafka.replicationFactor is ${kafka.replicationFactor}: lower it to the number of brokers (${kafka.brokers}), because each replica of a partition needs its own broker.`,
    )
  }
  if (vpc) {
    const zones = vpc.availabilityZones.length
    for (const name of ['privateSubnetIds', 'databaseSubnetIds'] as const) {
      const subnets = vpc[name]
      if (subnets && subnets.length !== zones) {
        throw invalid(
          `existingVpc.${name} has ${subnets.length} subnets for ${zones} zones: list one per zone.`,
        )
      }
    }
  }
  return { vpc, kafka, database }
}

function read<T>(node: Node, key: keyof typeof FORMS): T | undefined {
  const given: unknown = node.tryGetContext(key)
  if (given === undefined) return undefined
  const value = typeof given === 'string' ? parse(key, given) : given
  const fields = Object.entries(value ?? {})
  const forms: Record<string, RegExp | readonly [RegExp] | 'number'> = FORMS[key]
  const unknown = fields.find(([name]) => !(name in forms))
  if (unknown)
    throw invalid(`${key} has the unknown field "${unknown[0]}": use ${Object.keys(forms).join(', ')}.`)
  const byName = new Map<string, unknown>(fields)
  for (const [name, form] of Object.entries(forms)) {
    const field = byName.get(name)
    if (field === undefined && OPTIONAL.includes(name)) continue
    if (!fits(field, form)) {
      throw invalid(`${key}.${name} is ${JSON.stringify(field) ?? 'missing'}: ${expectation(form)}.`)
    }
  }
  // Every field has been checked against its form above.
  return value as T
}

function parse(key: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw invalid(
      `${key} is not JSON: set an object, with -c ${key}='{"...": "..."}' or in cdk.json's context.`,
    )
  }
}

function fits(value: unknown, form: RegExp | readonly [RegExp] | 'number'): boolean {
  if (form === 'number') return Number.isInteger(value) && Number(value) > 0
  if (form instanceof RegExp) return typeof value === 'string' && form.test(value)
  return Array.isArray(value) && value.length > 0 && value.every((item) => fits(item, form[0]))
}

function expectation(form: RegExp | readonly [RegExp] | 'number'): string {
  if (form === 'number') return 'use a whole number above 0'
  return form instanceof RegExp
    ? `use a string that matches ${form.source}`
    : `use a list of strings that match ${form[0].source}`
}

const invalid = (message: string): KeeperError => new KeeperError('settings_invalid', message)
