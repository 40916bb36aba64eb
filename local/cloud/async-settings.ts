import type { Resource } from './assembly.ts'
import { logicalIdOf, referenced, unreadable } from './properties.ts'

/** AWS::Lambda::EventInvokeConfig: what becomes of asynchronous events. Undefined where the template says nothing. */
export interface AsyncSettings {
  /** From 0 to 2; 2 where nothing is said. */
  readonly maximumRetryAttempts?: number
  /** From a minute to six hours; six hours where nothing is said. */
  readonly maximumEventAgeSeconds?: number
  /** The destinations' names: the folders that take their documents. */
  readonly onFailure?: string
  readonly onSuccess?: string
}

/** Reads an AWS::Lambda::EventInvokeConfig, and which function it is of. */
export function readAsyncSettings(resource: Resource): readonly [functionId: string, AsyncSettings] {
  const destinations = resource.properties.DestinationConfig as
    | Readonly<Record<string, { readonly Destination?: unknown } | undefined>>
    | undefined
  return [
    referenced(resource, 'FunctionName'),
    {
      maximumRetryAttempts: numberWithin(resource, 'MaximumRetryAttempts', 0, 2),
      maximumEventAgeSeconds: numberWithin(resource, 'MaximumEventAgeInSeconds', 60, 21_600),
      onFailure: destinationName(destinations?.OnFailure?.Destination),
      onSuccess: destinationName(destinations?.OnSuccess?.Destination),
    },
  ]
}

/** A destination is called by its logical name, or by the last part of an ARN that is written out. */
export const destinationName = (arn: unknown): string | undefined =>
  typeof arn === 'string' ? arn.split(/[:/]/).at(-1) : logicalIdOf(arn)

/** A number that may be missing, and is refused where AWS refuses it. */
export function numberWithin(
  resource: Resource,
  property: string,
  from: number,
  to: number,
  value: unknown = resource.properties[property],
): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= from && value <= to) return value
  throw unreadable(resource, property, value, `a number from ${from} to ${to}`)
}
