import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { KeeperError, messageOf } from './errors.ts'

/**
 * The text of a Secrets Manager secret, fetched at each call.
 * @throws KeeperError `secret_unreadable` (retriable) naming the secret and AWS's reason
 */
export async function readSecret(arn: string): Promise<string> {
  const client = new SecretsManagerClient()
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }))
    if (SecretString) return SecretString
    throw new Error('it holds no text')
  } catch (error) {
    throw new KeeperError('secret_unreadable', `The secret ${arn} cannot be read: ${messageOf(error)}`, {
      cause: error,
      retriable: true,
    })
  } finally {
    client.destroy()
  }
}

/**
 * The `password` of a database secret in RDS's form, `{"username": ..., "password": ...}`.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/reference_secret_json_structure.html
 */
export async function readDatabasePassword(arn: string): Promise<string> {
  const password = passwordIn(await readSecret(arn))
  if (typeof password === 'string') return password
  throw new KeeperError(
    'secret_unreadable',
    `The secret ${arn} must be a JSON object with a string "password", as RDS writes it.`,
  )
}

/** JSON.parse's error is dropped, because it quotes the secret. */
function passwordIn(secret: string): unknown {
  try {
    return (JSON.parse(secret) as { password?: unknown } | null)?.password
  } catch {
    return undefined
  }
}
