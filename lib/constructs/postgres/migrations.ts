import { Duration, Size } from 'aws-cdk-lib'
import { Trigger } from 'aws-cdk-lib/triggers'
import { Construct } from 'constructs'
import { LAMBDA_TIMEOUT } from '../../limits.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from '../functions/keeper-function.ts'
import type { Postgres } from './postgres.ts'

/**
 * Each of these waits for the one before and has a minute more: the migrator, the trigger that waits for its answer, and
 * the CDK's function that runs the trigger, which has Lambda's maximum. A trigger that timed out first would start a
 * second migrator beside the first, and CloudFormation would report only the timeout.
 */
const TRIGGER_TIMEOUT = LAMBDA_TIMEOUT.minus(Duration.minutes(1))
const MIGRATOR_TIMEOUT = TRIGGER_TIMEOUT.minus(Duration.minutes(1))

export interface MigrationsProps {
  readonly defaults: FunctionDefaults
  readonly postgres: Postgres
  readonly network: FunctionNetwork
}

/**
 * Applies migrations/*.sql during a deployment: lambdas/<id>, with the SQL files in its bundle. It runs in each deployment
 * that changes the migrations or the migrator; if it fails, the deployment fails with its message.
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
      timeout: MIGRATOR_TIMEOUT,
      memory: Size.mebibytes(256),
      network,
      environment: postgres.ownerEnvironment(),
      folder: 'migrations',
    })
    postgres.grantConnectAsOwner(this.function)

    this.#trigger = new Trigger(this, 'trigger', { handler: this.function, timeout: TRIGGER_TIMEOUT })
  }

  /** Makes the constructs wait for the migrations, so that no function meets an older schema. */
  runBefore(...constructs: Construct[]): void {
    this.#trigger.executeBefore(...constructs)
  }
}
