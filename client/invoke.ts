import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'

/**
 * Invokes a function of a Keeper and waits for its answer.
 * @param named its name as people call it, and as AWS does
 * @returns what the function answered, null for nothing
 * @throws ClientError `not_permitted`, or `function_failed` with the function's own reason
 */
export async function invokeAndWait(
  keeper: Keeper,
  named: { readonly name: string; readonly awsName: string },
  payload: string,
): Promise<unknown> {
  const { name } = named
  const answer = await send(keeper, named, payload, 'RequestResponse')
  const report: unknown = JSON.parse(Buffer.from(answer.Payload ?? []).toString('utf8') || 'null')
  if (!answer.FunctionError) return report
  const { errorMessage = 'no reason given' } = (report ?? {}) as { errorMessage?: string }
  throw new ClientError('function_failed', `${name} failed: ${errorMessage} (keeper logs ${name} says more)`)
}

/**
 * Has a function of a Keeper run, and does not wait for it.
 * @throws ClientError `not_permitted`
 */
export async function invokeLater(
  keeper: Keeper,
  named: { readonly name: string; readonly awsName: string },
  payload: string,
): Promise<void> {
  await send(keeper, named, payload, 'Event')
}

async function send(
  keeper: Keeper,
  { name, awsName }: { readonly name: string; readonly awsName: string },
  payload: string,
  InvocationType: 'RequestResponse' | 'Event',
) {
  const { InvokeCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  return client
    .send(new InvokeCommand({ FunctionName: awsName, InvocationType, Payload: Buffer.from(payload) }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, `lambda:InvokeFunction of ${name}`)
    })
}
