import type { EventSourceMappingConfiguration } from '@aws-sdk/client-lambda'
import { ClientError, explained } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { partsOf } from './parts.ts'

/** An event source mapping, as Lambda says it. */
export interface Mapping {
  readonly uuid: string
  readonly functionName: string
  readonly topic: string
  readonly group: string
  /** `Enabled`, `Disabled`, `Enabling`, `Disabling` ... */
  readonly state: string
  /** `OK`, `No records processed`, or `PROBLEM: ...`. */
  readonly lastResult: string
}

/** How often a mapping's state is looked at, and for how long: pollers may finish a batch of minutes first. */
const POLL_MS = 1_000
const MOST_POLLS = 600

/** AWS may show the state before a change for a moment; one that stays is another's doing. */
const CONTRARY_POLLS = 3

/** The mappings of a Keeper that read with a group. */
export const mappingsOf = async (keeper: Keeper, group: string): Promise<Mapping[]> =>
  (await listMappings(keeper)).filter((mapping) => mapping.group === group)

/** All mappings of a Keeper. */
export async function listMappings(keeper: Keeper): Promise<Mapping[]> {
  const [{ functions }, all] = await Promise.all([partsOf(keeper), mappingsOfFunction(keeper)])
  const own = new Set(functions.values())
  return all.filter(({ functionName }) => own.has(functionName))
}

/** The mappings that invoke a function; without one, all of the account. */
export async function mappingsOfFunction(keeper: Keeper, functionName?: string): Promise<Mapping[]> {
  const { paginateListEventSourceMappings } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  const found: Mapping[] = []
  try {
    for await (const page of paginateListEventSourceMappings({ client }, { FunctionName: functionName })) {
      found.push(...(page.EventSourceMappings ?? []).map(mappingOf))
    }
  } catch (error) {
    throw explained(error, keeper.title, 'lambda:ListEventSourceMappings')
  }
  return found
}

/** What a person types to enable a mapping. */
export const enableCommand = ({ uuid }: Pick<Mapping, 'uuid'>): string =>
  `aws lambda update-event-source-mapping --uuid ${uuid} --enabled`

/**
 * Enables or disables a mapping, and waits until it is.
 * @throws ClientError as `switchMapping` and `untilSwitched` do
 */
export async function setEnabled(keeper: Keeper, mapping: Mapping, enabled: boolean): Promise<void> {
  await switchMapping(keeper, mapping, enabled)
  await untilSwitched(keeper, mapping, enabled)
}

/**
 * Asks for a mapping to be enabled or disabled.
 * @throws ClientError; `wasRefused` says whether the mapping is as it was
 */
export async function switchMapping(keeper: Keeper, { uuid }: Mapping, enabled: boolean): Promise<void> {
  const { UpdateEventSourceMappingCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  await client
    .send(new UpdateEventSourceMappingCommand({ UUID: uuid, Enabled: enabled }))
    .catch((error: unknown) => {
      throw explained(error, keeper.title, `the mapping ${uuid}`)
    })
}

/** Whether AWS has answered that it does not do it. After any other failure nobody knows. */
export function wasRefused({ cause }: ClientError): boolean {
  const { httpStatusCode = 0 } = (cause as ServiceException | undefined)?.$metadata ?? {}
  return httpStatusCode >= 400 && httpStatusCode < 500
}

interface ServiceException {
  readonly $metadata?: { readonly httpStatusCode?: number }
}

/**
 * Waits until a mapping is what it was asked to be.
 * @throws ClientError `mapping_stuck` with the state that it stays in, `mapping_contended` where somebody else changes it too
 */
export async function untilSwitched(keeper: Keeper, { uuid }: Mapping, enabled: boolean): Promise<void> {
  const { GetEventSourceMappingCommand } = await import('@aws-sdk/client-lambda')
  const client = await keeper.aws.lambda()
  const wanted = enabled ? 'Enabled' : 'Disabled'
  let contrary = 0
  for (let polls = 0; polls < MOST_POLLS; polls += 1) {
    const { State = '' } = await client
      .send(new GetEventSourceMappingCommand({ UUID: uuid }))
      .catch((error: unknown) => {
        throw explained(error, keeper.title, `the mapping ${uuid}`)
      })
    if (State === wanted) return
    contrary = State.startsWith(enabled ? 'Disabl' : 'Enabl') ? contrary + 1 : 0
    if (contrary === CONTRARY_POLLS) {
      throw new ClientError(
        'mapping_contended',
        `Somebody else has made the mapping ${uuid} ${State.toLowerCase()} meanwhile, as another reset does. When that is over, keeper doctor says whether it is enabled.`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new ClientError('mapping_stuck', `The mapping ${uuid} is not ${wanted} after ${MOST_POLLS} s.`)
}

const mappingOf = ({
  UUID = '',
  FunctionArn = '',
  Topics = [],
  State = '',
  LastProcessingResult = '',
  AmazonManagedKafkaEventSourceConfig: config,
}: EventSourceMappingConfiguration): Mapping => ({
  uuid: UUID,
  functionName: FunctionArn.split(':')[6] ?? '',
  topic: Topics[0] ?? '',
  group: config?.ConsumerGroupId ?? '',
  state: State,
  lastResult: LastProcessingResult,
})
