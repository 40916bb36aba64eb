import type { Part } from '../lambdas/operator/failures.ts'
import type { ConsumerLag } from '../lambdas/operator/kafka/consumer-lags.ts'
import type { DatabaseStatus } from '../lambdas/operator/postgres/database-status.ts'
import { type AlarmSummary, listAlarms } from './alarms.ts'
import { ClientError } from './client-error.ts'
import type { Keeper } from './keeper.ts'
import { listMappings, type Mapping } from './mappings.ts'
import { type TokensLeft, tokensLeft } from './tokens-left.ts'

/** How a Keeper does. Each part is there, or says why it could not be read. */
export interface Status {
  readonly keeper: string
  readonly operator: Part<OperatorAnswer>
  readonly consumers: Part<readonly ConsumerLag[]>
  readonly database: Part<DatabaseStatus>
  readonly mappings: Part<readonly Mapping[]>
  /** Those in ALARM. */
  readonly alarms: Part<readonly AlarmSummary[]>
  readonly tokens: Part<readonly TokensLeft[]>
}

/** How the operator answered. */
export interface OperatorAnswer {
  /** By its own clock. */
  readonly at: string
  /** By this machine's clock. */
  readonly receivedAt: string
  readonly tookMs: number
}

/** Asks for all of it at once. */
export async function readStatus(keeper: Keeper): Promise<Status> {
  const startMs = Date.now()
  const timed = async () => {
    const answer = await keeper.call('status.show', {})
    const endMs = Date.now()
    return { ...answer, receivedAt: new Date(endMs).toISOString(), tookMs: endMs - startMs }
  }
  const [asked, mappings, alarms, tokens] = await Promise.all([
    part(timed()),
    part(listMappings(keeper)),
    part(listAlarms(keeper).then((alarms) => alarms.filter(({ state }) => state === 'ALARM'))),
    part(tokensLeft(keeper)),
  ])
  const others = { keeper: keeper.title, mappings, alarms, tokens }
  if ('error' in asked) return { ...others, operator: asked, consumers: asked, database: asked }
  const { consumers, database, ...operator } = asked.value
  return { ...others, operator: { value: operator }, consumers, database }
}

/** Something that was asked for, or why there is no answer. */
export async function part<Value>(asked: Promise<Value>): Promise<Part<Value>> {
  try {
    return { value: await asked }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    return { error: { code: error.code, message: error.message } }
  }
}
