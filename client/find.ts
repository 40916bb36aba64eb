import { readFile } from 'node:fs/promises'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { type AwsClients, awsClients } from './aws-clients.ts'
import { ClientError, explained } from './client-error.ts'
import { Keeper } from './keeper.ts'

/** Where to look for a Keeper. */
export interface Where {
  /** A deployed stage; without it, the one that runs on this machine. */
  readonly stage?: string
  /** The folder of a local run's state; `.local` of the checkout unless given. */
  readonly state?: string
}

/** Where a local run of this checkout keeps its state. */
export const STATE = join(import.meta.dirname, '..', '.local')

/**
 * Finds a Keeper: by `.local/run.json`, or by the outputs of the stage's stack `keeper-<stage>-operations`.
 * @throws ClientError `not_running`, `not_deployed`, `unreachable` or `not_permitted`
 */
export const findKeeper = ({ stage, state = STATE }: Where): Promise<Keeper> =>
  stage === undefined ? findLocal(state) : findStage(stage)

async function findLocal(state: string): Promise<Keeper> {
  const file = join(state, 'run.json')
  const text = await readFile(file, 'utf8').catch(() => undefined)
  if (text === undefined) {
    throw new ClientError(
      'not_running',
      `No Keeper runs here (there is no ${file}): start one with npm run local, or name a deployed one with --stage.`,
    )
  }
  const { awsUrl } = JSON.parse(text) as { readonly awsUrl: string }
  return new Keeper({
    title: 'the Keeper on this machine',
    state,
    functions: { reader: 'operator-reader', operator: 'operator' },
    caller: userInfo().username,
    aws: awsClients(awsUrl),
  })
}

async function findStage(stage: string): Promise<Keeper> {
  const title = `stage ${stage}`
  const stack = `keeper-${stage}-operations`
  const aws = awsClients()
  const { DescribeStacksCommand } = await import('@aws-sdk/client-cloudformation')
  const client = await aws.cloudFormation()
  const { Stacks } = await client
    .send(new DescribeStacksCommand({ StackName: stack }))
    .catch((error: unknown) => {
      const isMissing = /does not exist/.test((error as Error).message)
      throw isMissing
        ? new ClientError('not_deployed', `There is no stack ${stack} in this account and region.`, error)
        : explained(error, title, `the stack ${stack}`)
    })
  const outputs = new Map(
    (Stacks?.[0]?.Outputs ?? []).map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]),
  )
  const reader = outputs.get('operatorreaderfunction')
  const operator = outputs.get('operatorfunction')
  if (!reader || !operator) {
    throw new ClientError(
      'not_deployed',
      `The stack ${stack} has no operator: deploy this version of Keeper to it.`,
    )
  }
  return new Keeper({
    title,
    stage,
    functions: { reader, operator },
    caller: await callerArn(aws),
    aws,
  })
}

/** Who the credentials are of. */
export async function callerArn(aws: AwsClients): Promise<string> {
  const { GetCallerIdentityCommand } = await import('@aws-sdk/client-sts')
  const client = await aws.sts()
  const { Arn } = await client.send(new GetCallerIdentityCommand()).catch((error: unknown) => {
    throw explained(error, 'AWS', 'sts:GetCallerIdentity')
  })
  return Arn ?? 'unknown'
}
