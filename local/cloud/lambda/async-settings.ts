import type { Resource } from '../template/assembly.ts'
import { destinationName, numberWithin, referenced } from '../template/properties.ts'

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
