import type { Part } from '../../lambdas/operator/failures.ts'
import type { MailState } from '../mail-state.ts'
import { type Finding, ok, on, problem } from './finding.ts'

/** Whether e-mail reaches people: https://docs.aws.amazon.com/ses/latest/dg/request-production-access.html */
export const mail = (read: Part<MailState>): readonly Finding[] =>
  'error' in read
    ? [problem('mail', read.error.message, 'Without it nobody knows whether mail leaves.')]
    : on('mail', read, (state) => {
        const problems = problemsOf(state)
        return problems.length > 0 ? problems : [ok('mail', `SES sends as ${state.from}.`)]
      })

function problemsOf({ from, account, identity }: MailState): readonly Finding[] {
  const found = (says: string, fix: string) => problem('mail', says, fix)
  if (from === null || account === null) {
    return [
      found(
        'There is no sender: alerts reach nobody by e-mail.',
        'Deploy with -c mailFrom=ADDRESS, or add other channels: keeper channels add.',
      ),
    ]
  }
  const checks: readonly (readonly [boolean, string, string])[] = [
    [
      account.productionAccess,
      'SES is in its sandbox: mail reaches verified addresses alone.',
      'Ask AWS for production access, in the console of SES.',
    ],
    [
      account.sendingEnabled && account.enforcement !== 'SHUTDOWN',
      `SES does not send for this account (${account.enforcement}).`,
      'The console of SES says why, and how to appeal.',
    ],
    [
      identity?.verified === true,
      `${from} is not verified.`,
      'Follow the link that AWS mailed to it, or publish the DNS records of its domain.',
    ],
    [
      identity === null || identity.dkim === 'SUCCESS' || identity.dkim === 'NOT_STARTED',
      `The mails’ DKIM signatures are ${identity?.dkim}.`,
      'Publish the three CNAME records that the console of SES shows.',
    ],
  ]
  return checks.filter(([isFine]) => !isFine).map(([, says, fix]) => found(says, fix))
}
