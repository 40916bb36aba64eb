import { Duration, Size } from 'aws-cdk-lib'
import { Trigger } from 'aws-cdk-lib/triggers'
import { Construct } from 'constructs'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from '../functions/keeper-function.ts'
import type { SearchDomain } from './search-domain.ts'

export interface SearchAccessProps {
  readonly defaults: FunctionDefaults
  readonly network: FunctionNetwork
}

/**
 * Writes the role of the domain's own security during a deployment: lambdas/<id>. Its role is the domain's master, so it is
 * made before the domain.
 */
export class SearchAccess extends Construct {
  readonly function: KeeperFunction

  constructor(scope: Construct, id: string, { defaults, network }: SearchAccessProps) {
    super(scope, id)
    this.function = new KeeperFunction(this, id, {
      defaults,
      source: id,
      description: 'Opens the indices of deals to the functions that IAM lets in',
      timeout: Duration.minutes(1),
      memory: Size.mebibytes(256),
      network,
    })
  }

  /** Lets the functions of these constructs in, before they run. */
  open(domain: SearchDomain, ...constructs: Construct[]): void {
    domain.connect(this.function, [
      ['Put', '_plugins/_security/api/roles/keeper'],
      ['Put', '_plugins/_security/api/rolesmapping/keeper'],
    ])
    new Trigger(this, 'trigger', { handler: this.function, timeout: Duration.minutes(2) }).executeBefore(
      ...constructs,
    )
  }
}
