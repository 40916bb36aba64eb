import { type Environment, required } from '../../core/environment.ts'
import * as ENVIRONMENT from '../../core/environment-names.ts'
import { KeeperError } from '../../core/errors.ts'
import { MARKETPLACES, marketplaceOf } from '../../core/marketplaces.ts'

/**
 * The marketplaces of DEAL_DOMAINS, `de,com,co.uk`.
 * @throws KeeperError `environment_invalid` naming the unknown domain
 */
export function dealDomains(environment: Environment): readonly string[] {
  const domains = required(environment, ENVIRONMENT.dealDomains)
    .split(',')
    .map((domain) => domain.trim().toLowerCase())
    .filter((domain) => domain !== '')
  const unknown = domains.find((domain) => !marketplaceOf(domain))
  if (unknown === undefined) return [...new Set(domains)]
  throw new KeeperError(
    'environment_invalid',
    `DEAL_DOMAINS has the unknown domain "${unknown}": use ${MARKETPLACES.map(({ domain }) => domain).join(', ')}.`,
  )
}
