import { type Environment, optional } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { connectionConfig } from '../core/postgres/pool.ts'
import { readDatabasePassword } from '../core/secrets.ts'
import type { SignIn } from './connect-as-owner.ts'

/**
 * The owner's sign-ins in the order in which they are tried: as DATABASE_AUTHENTICATION says, then with the password in
 * the secret DATABASE_SECRET_ARN, if it is set.
 * @throws KeeperError `environment_missing` or `environment_invalid` naming the variable
 */
export function ownerSignIns(environment: Environment): SignIn[] {
  const config = connectionConfig(environment)
  const secretArn = optional(environment, ENVIRONMENT.databaseSecretArn, '')
  if (!secretArn) return [{ by: 'DATABASE_URL', config }]
  return [
    { by: 'an IAM token', config },
    { by: 'the password', config: { ...config, password: () => readDatabasePassword(secretArn) } },
  ]
}
