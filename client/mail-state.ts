import { explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { outputsOf } from './parts.ts'

/** Whether mail can leave, as SES says it. */
export interface MailState {
  /** The sender; null where Keeper was deployed without `mailFrom`, and everything else is null too. */
  readonly from: string | null
  readonly account: MailAccount | null
  /** Null where SES has no such identity. */
  readonly identity: MailIdentity | null
}

export interface MailAccount {
  readonly sendingEnabled: boolean
  /** False in the sandbox: mail goes to verified addresses alone. */
  readonly productionAccess: boolean
  /** `HEALTHY`, `PROBATION` or `SHUTDOWN`. */
  readonly enforcement: string
  readonly mailsPerSecond: number
  readonly mailsPerDay: number
  readonly mailsLastDay: number
}

export interface MailIdentity {
  readonly verified: boolean
  /** `SUCCESS`, `PENDING`, `NOT_STARTED` ... */
  readonly dkim: string
}

/**
 * Asks SES, with the caller's own credentials (`ses:GetAccount`, `ses:GetEmailIdentity`).
 * @throws ClientError
 */
export async function mailState(keeper: Keeper): Promise<MailState> {
  const outputs = await outputsOf(keeper)
  const outputOf = (key: string) => outputs.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? null
  const from = outputOf('mailfrom')
  if (from === null) return { from, account: null, identity: null }
  // Stages that were deployed by older code say only the sender.
  const identity = await identityOf(keeper, outputOf('mailidentity') ?? from)
  return { from, account: await accountOf(keeper), identity }
}

async function accountOf(keeper: Keeper): Promise<MailAccount> {
  const { GetAccountCommand } = await import('@aws-sdk/client-sesv2')
  const client = await keeper.aws.ses()
  const account = await client.send(new GetAccountCommand()).catch((error: unknown) => {
    throw explained(error, keeper.title, 'ses:GetAccount')
  })
  const { MaxSendRate = 0, Max24HourSend = 0, SentLast24Hours = 0 } = account.SendQuota ?? {}
  return {
    sendingEnabled: account.SendingEnabled ?? false,
    productionAccess: account.ProductionAccessEnabled ?? false,
    enforcement: account.EnforcementStatus ?? 'unknown',
    mailsPerSecond: MaxSendRate,
    mailsPerDay: Max24HourSend,
    mailsLastDay: SentLast24Hours,
  }
}

async function identityOf(keeper: Keeper, name: string): Promise<MailIdentity | null> {
  const { GetEmailIdentityCommand } = await import('@aws-sdk/client-sesv2')
  const client = await keeper.aws.ses()
  try {
    const identity = await client.send(new GetEmailIdentityCommand({ EmailIdentity: name }))
    return {
      verified: identity.VerifiedForSendingStatus ?? false,
      dkim: identity.DkimAttributes?.Status ?? 'unknown',
    }
  } catch (error) {
    if ((error as Error).name === 'NotFoundException') return null
    throw explained(error, keeper.title, 'ses:GetEmailIdentity')
  }
}
