import pg from 'pg'
import { codeOf, KeeperError, messageOf } from '../core/errors.ts'
import type { Logger } from '../core/logger.ts'

/** One way to sign in. */
export interface SignIn {
  /** For logs and errors: `an IAM token`, `the password`. */
  readonly by: string
  readonly config: pg.ClientConfig
}

/** SQLSTATE class of a refused sign-in: a wrong password, an unknown user, a rule in pg_hba.conf. */
const REFUSED = /^28/

/**
 * Connects as the owner of the tables, by the first sign-in that the server accepts. RDS accepts the owner's password
 * until the owner is a member of rds_iam, and from then on only IAM tokens. PostgreSQL makes the owner a member of every
 * role that it creates, and those roles hold rds_iam: so the password is refused once the roles exist.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html
 * https://www.postgresql.org/docs/18/sql-createrole.html
 * @throws KeeperError `owner_refused` with the server's reason for each sign-in; other errors unchanged
 */
export async function connectAsOwner(signIns: readonly SignIn[], log: Logger): Promise<pg.Client> {
  const reasons: string[] = []
  for (const { by, config } of signIns) {
    const client = new pg.Client(config)
    // A lost connection fails the running query; without a listener this event would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return client
    } catch (error) {
      if (signIns.length === 1 || !REFUSED.test(codeOf(error) ?? '')) throw error
      reasons.push(`${by}: ${messageOf(error)}`)
      log.info('the server refused a sign-in as the owner', { by, reason: messageOf(error) })
    }
  }
  throw new KeeperError(
    'owner_refused',
    `The server refused every sign-in as the owner: ${reasons.join('; ')}.`,
  )
}
