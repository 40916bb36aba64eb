import type * as ENVIRONMENT from './environment-names.ts'
import { KeeperError } from './errors.ts'
import type { Topic } from './topics.ts'

/**
 * The initial value of the secret at KEEPA_API_KEY_SECRET_ARN. The data stack writes it; a producer that reads it knows
 * that no API key has been stored yet.
 */
export const KEEPA_API_KEY_PLACEHOLDER = 'put-the-api-key-of-keepa-here'

/** The name of one of Keeper's environment variables. */
export type EnvironmentName = (typeof ENVIRONMENT)[keyof typeof ENVIRONMENT] | Topic['setting']

/** Where values come from: `process.env`, or a plain object in tests. */
export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The value of a variable that must be set.
 * @throws KeeperError `environment_missing` naming the variable and where it is set
 */
export function required(environment: Environment, name: EnvironmentName): string {
  const value = environment[name]?.trim()
  if (value) return value
  throw new KeeperError(
    'environment_missing',
    `${name} is not set. On AWS the CDK construct of the function sets it (lib/constructs/functions/keeper-function.ts); locally \`npm run local\` does (local/differences.ts).`,
  )
}

/** The value of a variable, or `fallback` if it is unset or blank. */
export function optional(environment: Environment, name: EnvironmentName, fallback: string): string {
  return environment[name]?.trim() || fallback
}

/**
 * The value of a variable that must be one of `values`; the first is the default.
 * @throws KeeperError `environment_invalid` listing the allowed values
 */
export function oneOf<T extends string>(
  environment: Environment,
  name: EnvironmentName,
  values: readonly [T, ...T[]],
): T {
  const value = optional(environment, name, values[0])
  const found = values.find((candidate) => candidate === value)
  if (found) return found
  throw new KeeperError('environment_invalid', `${name} is "${value}": use one of ${values.join(', ')}.`)
}

/**
 * The value of a variable that must be a number above 0, or `fallback` if it is unset or blank.
 * @throws KeeperError `environment_invalid`
 */
export function positive(environment: Environment, name: EnvironmentName, fallback: number): number {
  const value = optional(environment, name, String(fallback))
  if (Number(value) > 0 && Number.isFinite(Number(value))) return Number(value)
  throw new KeeperError('environment_invalid', `${name} is "${value}": use a number above 0.`)
}
