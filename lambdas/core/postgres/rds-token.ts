import { awsSigner } from '../aws-signer.ts'
import type { Environment } from '../environment.ts'

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
  const signer = awsSigner('rds-db', environment, {
    because: 'DATABASE_AUTHENTICATION is iam',
    advice: 'Lambda sets them; elsewhere use DATABASE_AUTHENTICATION=password.',
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
