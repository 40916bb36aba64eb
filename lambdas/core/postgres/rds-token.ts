import { SignatureV4 } from '@smithy/signature-v4'
import type { Environment } from '../environment.ts'
import { KeeperError } from '../errors.ts'
import { Sha256 } from '../sha256.ts'

/** How long RDS accepts a token for a new connection. */
const TOKEN_LIFETIME_SECONDS = 900

/**
 * A token that replaces the password of a database user with rds_iam: a presigned URL, made without a network call from
 * the credentials that Lambda keeps in the environment.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html
 * @throws KeeperError `aws_credentials_missing` outside of Lambda
 */
export async function rdsToken(
  database: { readonly host: string; readonly port: number; readonly user: string },
  environment: Environment,
  now: Date = new Date(),
): Promise<string> {
  const {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  } = environment
  if (!region || !accessKeyId || !secretAccessKey) {
    throw new KeeperError(
      'aws_credentials_missing',
      'DATABASE_AUTHENTICATION is iam, but AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set. Lambda sets them; elsewhere use DATABASE_AUTHENTICATION=password.',
    )
  }
  const signer = new SignatureV4({
    service: 'rds-db',
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken: environment.AWS_SESSION_TOKEN },
    sha256: Sha256,
  })
  const host = `${database.host}:${database.port}`
  const request = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: database.host,
      port: database.port,
      path: '/',
      query: { Action: 'connect', DBUser: database.user },
      headers: { host },
    },
    { expiresIn: TOKEN_LIFETIME_SECONDS, signingDate: now },
  )
  const query = Object.entries(request.query ?? {})
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
    .join('&')
  return `${host}/?${query}`
}
