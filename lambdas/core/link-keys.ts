import { type Environment, optional, required } from './environment.ts'
import * as ENVIRONMENT from './environment-names.ts'
import { readSecret } from './secrets.ts'

/**
 * The text of the links' keys: their secret's, or the environment's own on one machine.
 * @throws KeeperError `environment_missing` or `secret_unreadable`
 */
export const readLinkKeysText = async (environment: Environment): Promise<string> =>
  optional(environment, ENVIRONMENT.linkKeys, '') ||
  (await readSecret(required(environment, ENVIRONMENT.linkKeysSecretArn)))
