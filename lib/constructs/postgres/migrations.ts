import { Duration, Size } from 'aws-cdk-lib'
import { Trigger } from 'aws-cdk-lib/triggers'
import { Construct } from 'constructs'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from '../functions/keeper-function.ts'
import type { Postgres } from './postgres.ts'

/** Lambda's own limit is 15 minutes; one less leaves time for the reason to reach CloudFormation. */
const TIMEOUT = Duration.minutes(14)

export interface MigrationsProps {
  readonly defaults: FunctionDefaults
  readonly postgres: Postgres
  readonly network: FunctionNetwork
}

/**
 * Applies migrations/*.sql during a deployment: lambdas/<id>, with the SQL files in its bundle. A deployment whose
 * migrations or migrator changed runs it, and fails with its message when it fails.
 */
export class Migrations extends Construct {
  readonly function: KeeperFunction

  readonly #trigger: Trigger

  constructor(scope: Construct, id: string, { defaults, postgres, network }: MigrationsProps) {
    super(scope, id)
    this.function = new KeeperFunction(this, id, {
      defaults,
      source: id,
      description: 'Applies the database migrations at deploy time',
      timeout: TIMEOUT,
      memory: Size.mebibytes(256),
      network,
      environment: postgres.ownerEnvironment(),
      folder: 'migrations',
    })
    postgres.grantConnectAsOwner(this.function)

    this.#trigger = new Trigger(this, 'trigger', { handler: this.function, timeout: TIMEOUT })
  }

  /** Makes the constructs wait for the migrations: no function meets tables older than itself. */
  runBefore(...constructs: Construct[]): void {
    this.#trigger.executeBefore(...constructs)
  }
}
