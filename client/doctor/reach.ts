import type { ClientError } from '../client-error.ts'
import type { Status } from '../status.ts'
import { type Finding, notChecked, ok, problem } from './finding.ts'

/** Whether the parts of a Keeper can be reached, and the caller may ask them. */

/** How a refusal of AWS's begins, as client-error.ts says it. */
const DENIED = /^You may not call ([\w-]+:\w+)/

/** Why no Keeper was found. */
export function notFound({ code, message }: ClientError, stage: string | undefined): Finding[] {
  if (code === 'not_permitted') {
    return [problem('credentials', message, credentialsFix(message))]
  }
  if (code === 'no_region') return [problem('region', message, 'Set AWS_REGION to the region of the stage.')]
  const fix =
    stage === undefined
      ? 'Start one with npm run local, or name a deployed one with --stage.'
      : code === 'not_deployed'
        ? `Deploy it with npx cdk deploy --all -c stage=${stage}, or check AWS_PROFILE and AWS_REGION.`
        : 'Check the network, AWS_PROFILE and AWS_REGION.'
  return [problem('keeper', message, fix)]
}

/** @param who the caller's ARN, or why it is not known */
export function reach(status: Status, who: Status['operator'] | { readonly value: unknown }): Finding[] {
  const parts = Object.values(status).filter((part) => typeof part === 'object')
  const errors = [...parts, who].flatMap((part) => ('error' in part ? [part.error] : []))
  const refused = [
    ...new Set(errors.filter(({ message }) => DENIED.test(message)).map(({ message }) => message)),
  ]
  const { operator, consumers, database } = status
  return [
    ok('keeper', `It is ${status.keeper}.`),
    'error' in who
      ? problem('credentials', who.error.message, credentialsFix(who.error.message))
      : ok('credentials', `They are of ${who.value}.`),
    ...(refused.length === 0
      ? [ok('permission', 'Everything that was asked for was permitted.')]
      : refused.map((message) => problem('permission', message, permissionFix(message)))),
    'error' in operator
      ? problem('operator', operator.error.message, operatorFix(operator.error.code))
      : ok('operator', `It answers in ${operator.value.tookMs} ms.`),
    ofService('kafka', 'Its brokers answer.', operator, consumers),
    ofService('database', 'It answers.', operator, database),
    ...['mappings', 'alarms', 'tokens'].flatMap((name) => {
      const part = status[name as 'mappings' | 'alarms' | 'tokens']
      return 'error' in part && part.error.code !== 'not_permitted'
        ? [problem(name, part.error.message, 'Check the network, AWS_REGION and AWS’s own health page.')]
        : []
    }),
  ]
}

function ofService(
  check: string,
  says: string,
  operator: Status['operator'],
  part: Status['consumers'] | Status['database'],
): Finding {
  if ('error' in operator) return notChecked(check)
  if ('value' in part) return ok(check, says)
  const { code, message } = part.error
  return problem(check, message, FIXES[code] ?? 'The operator’s log says more: keeper logs operator-reader.')
}

/** What to do, by the operator's own codes. */
const FIXES: Readonly<Record<string, string>> = {
  kafka_unreachable:
    'Start the broker; on AWS check the cluster’s state and the security groups of operators and brokers.',
  kafka_wrong_listener:
    'Set KAFKA_BOOTSTRAP_SERVERS to a listener whose advertised address can be reached from where Keeper runs.',
  no_such_topic: 'Create it: on AWS deploy the data stack, on this machine start npm run local again.',
  database_unreachable:
    'Start Postgres; on AWS check the database’s state, its security group, and that the migrator has made the operator’s user.',
  schema_newer: 'Deploy the code that goes with the schema.',
  schema_older: 'Run the migrator: on AWS deploy the data stack, on this machine start npm run local again.',
}

const operatorFix = (code: string): string =>
  code === 'not_permitted'
    ? 'See permission.'
    : code === 'not_deployed'
      ? 'Deploy it, or start it again.'
      : code === 'unreachable'
        ? 'The run of run.json may have ended: start npm run local again. On AWS check the network.'
        : 'Its log says more: .local/logs on this machine, CloudWatch Logs on AWS.'

const credentialsFix = (message: string): string =>
  DENIED.test(message)
    ? permissionFix(message)
    : 'Sign in: aws sso login, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.'

function permissionFix(message: string): string {
  const action = DENIED.exec(message)?.[1]
  return action === undefined
    ? 'Ask for the permission that the message names.'
    : `Ask for the IAM action ${action}: the policies keeper-<stage>-read and keeper-<stage>-operate hold it.`
}
