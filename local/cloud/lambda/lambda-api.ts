import { functionArn } from '../account.ts'
import { ApiError, type AwsService } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import { restJsonAnswer, restJsonService } from '../protocols/rest-json.ts'
import type { LocalFunction } from './function.ts'
import { functionNameOf } from './function-name.ts'
import { invoke } from './invoke.ts'
import { logGroupOf } from './log-group.ts'
import { mappingOperations } from './mapping-operations.ts'
import type { SwitchedMapping } from './switched-mapping.ts'

const FUNCTIONS = '/2015-03-31/functions'
const INVALID = 'InvalidParameterValueException'

/** What functions are like whatever the template says. */
const EVERY_FUNCTION = {
  Runtime: `nodejs${process.versions.node.split('.')[0]}.x`,
  Version: '$LATEST',
  PackageType: 'Zip',
  State: 'Active',
  LastUpdateStatus: 'Successful',
}

/**
 * Lambda's API, as far as it reads and invokes functions, and reads and switches mappings.
 * https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunction.html
 * https://docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html
 */
export function createLambdaApi(
  functions: readonly LocalFunction[],
  mappings: readonly SwitchedMapping[] = [],
): AwsService {
  const named = (given = '') => functionNamed(functions, given)
  return restJsonService([
    {
      method: 'GET',
      path: FUNCTIONS,
      answer: (_, { query }) => {
        const input = new Input(Object.fromEntries(query), INVALID)
        const size = Math.min(input.integer('MaxItems', 1, 10_000) ?? 50, 50)
        const { items, next } = pageOf(functions, size, input.optionalText('Marker'), INVALID)
        return restJsonAnswer(200, { Functions: items.map(configurationOf), NextMarker: next ?? null })
      },
    },
    {
      method: 'GET',
      path: `${FUNCTIONS}/{FunctionName}`,
      answer: ({ FunctionName }) => {
        const target = named(FunctionName)
        const { reservedConcurrency } = target.resource
        return restJsonAnswer(200, {
          Configuration: configurationOf(target),
          Concurrency:
            reservedConcurrency === undefined
              ? undefined
              : { ReservedConcurrentExecutions: reservedConcurrency },
        })
      },
    },
    {
      method: 'GET',
      path: `${FUNCTIONS}/{FunctionName}/configuration`,
      answer: ({ FunctionName }) => restJsonAnswer(200, configurationOf(named(FunctionName))),
    },
    {
      method: 'POST',
      path: `${FUNCTIONS}/{FunctionName}/invocations`,
      answer: ({ FunctionName }, request) => invoke(named(FunctionName), request),
    },
    ...mappingOperations(mappings),
  ])
}

function functionNamed(functions: readonly LocalFunction[], given: string): LocalFunction {
  const name = functionNameOf(given)
  const target = functions.find(({ resource }) => resource.name === name)
  if (target) return target
  const known = functions.map(({ resource }) => resource.name).join(', ')
  throw new ApiError('ResourceNotFoundException', `Function not found: ${name}. There are ${known}.`, {
    status: 404,
  })
}

/** https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html */
const configurationOf = ({ resource }: LocalFunction) => ({
  ...EVERY_FUNCTION,
  FunctionName: resource.name,
  FunctionArn: functionArn(resource.name),
  Handler: resource.handler,
  Timeout: resource.timeoutSeconds,
  MemorySize: resource.memoryMb,
  Environment: { Variables: resource.environment },
  LoggingConfig: { LogFormat: 'JSON', LogGroup: logGroupOf(resource.name) },
})
