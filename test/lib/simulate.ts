import { runSimulation } from '@cloud-copilot/iam-simulate'
import { ACCOUNT } from './deployed-policies.ts'

export type Call = readonly [action: string, resource: string]

/** What else IAM compares when a call is decided. */
export interface Circumstances {
  readonly principal?: string
  readonly resourcePolicy?: unknown
  readonly context?: Record<string, string>
}

/** Whether IAM's own rules allow a call of whoever has these policies. */
export async function simulate(
  [action, resource]: Call,
  policies: readonly unknown[],
  { principal = '', resourcePolicy, context = {} }: Circumstances,
): Promise<string> {
  const result = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: ACCOUNT }, contextVariables: context },
      identityPolicies: policies.map((policy, index) => ({ name: `policy-${index}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      resourcePolicy,
    },
    {},
  )
  if (result.resultType === 'error')
    throw new Error(`${action} ${resource}: ${JSON.stringify(result.errors)}`)
  return result.overallResult === 'Allowed' ? 'allowed' : 'denied'
}
