import { CloudFormationClient } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs'
import { LambdaClient } from '@aws-sdk/client-lambda'
import { SchedulerClient } from '@aws-sdk/client-scheduler'
import { SQSClient } from '@aws-sdk/client-sqs'
import { awsClients } from '../../client/aws-clients.ts'
import { Keeper } from '../../client/keeper.ts'

/** What AWS is asked, and what it answers: nothing, unless a test says so. */
export type Answer = (command: string, input: Readonly<Record<string, unknown>>) => object

/**
 * A Keeper at the edge: AWS and the operator behind it answer what a test says. With nothing in it, every list of the
 * operator is empty.
 */
export function fakeKeeper(
  operations: Readonly<Record<string, unknown>>,
  answer: Answer = () => ({}),
  where: { readonly stage?: string; readonly state?: string } = { state: '' },
) {
  const OPTIONS = { region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'a' } }
  const invoke: Answer = (command, input) => {
    const { operation } = payloadOf(input)
    if (command !== 'InvokeCommand' || operation === undefined) return answer(command, input)
    const output = operations[operation] ?? (LISTS.has(operation) ? [] : { rows: [], next: null })
    return { Payload: Buffer.from(JSON.stringify({ output })) }
  }
  const answering = <Client extends Answering>(client: Client): (() => Promise<Client>) => {
    client.middlewareStack.add(
      (_next, { commandName }) =>
        async ({ input }) => ({
          output: { $metadata: {}, ...invoke(commandName ?? '', input as Record<string, unknown>) },
          response: {},
        }),
      { step: 'initialize' },
    )
    return async () => client
  }
  return new Keeper({
    ...{ title: 'the Keeper of this test', caller: 'ada', ...where },
    functions: { reader: 'operator-reader', operator: 'operator' },
    aws: {
      ...awsClients('http://localhost:1'),
      cloudFormation: answering(new CloudFormationClient(OPTIONS)),
      cloudWatch: answering(new CloudWatchClient(OPTIONS)),
      lambda: answering(new LambdaClient(OPTIONS)),
      logs: answering(new CloudWatchLogsClient(OPTIONS)),
      scheduler: answering(new SchedulerClient(OPTIONS)),
      sqs: answering(new SQSClient(OPTIONS)),
    },
  })
}

type Middleware = (
  next: unknown,
  context: { readonly commandName?: string },
) => (args: {
  readonly input: object
}) => Promise<{ output: object & { $metadata: object }; response: unknown }>

interface Answering {
  readonly middlewareStack: { add(middleware: Middleware, options: { step: 'initialize' }): void }
}

/** Operations whose lists are short and come whole. */
const LISTS = new Set(['topics.list', 'groups.list', 'runs.list'])

/** What a function is invoked with. */
export const payloadOf = ({
  Payload,
}: Readonly<Record<string, unknown>>): { operation?: string } & Record<string, unknown> =>
  Payload instanceof Uint8Array ? JSON.parse(Buffer.from(Payload).toString('utf8')) : {}
