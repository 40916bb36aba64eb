import { randomUUID } from 'node:crypto'
import { ACCOUNT, REGION } from '../account.ts'
import type { RuleResource } from './rule-resource.ts'

/** What a service of AWS tells the default event bus. */
export interface BusEvent {
  readonly source: string
  readonly detailType: string
  readonly atMs: number
  readonly resources: readonly string[]
  readonly detail: object
}

/**
 * The default event bus, as far as services of AWS tell it what happens and rules invoke functions for it,
 * asynchronously. Functions that are not here are left out.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html
 */
export function createEventBus(
  rules: readonly RuleResource[],
  invoke: (functionId: string, payload: string) => void,
): (event: BusEvent) => void {
  return ({ source, detailType, atMs, resources, detail }) => {
    const event = {
      version: '0',
      id: randomUUID(),
      'detail-type': detailType,
      source,
      account: ACCOUNT,
      // Without parts of a second, as EventBridge has it.
      time: new Date(atMs).toISOString().replace(/\.\d+/, ''),
      region: REGION,
      resources,
      detail,
    }
    // What rules see is JSON: members that are undefined are not there.
    const payload = JSON.stringify(event)
    const seen: unknown = JSON.parse(payload)
    for (const { matches, functionIds } of rules) {
      if (!matches(seen)) continue
      for (const id of functionIds) invoke(id, payload)
    }
  }
}
