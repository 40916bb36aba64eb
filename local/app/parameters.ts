import { KeeperError } from '../../lambdas/core/errors.ts'
import type { Assembly, Parameter, Stack } from './stacks.ts'

/** Values for an app's parameters, by `NAME` for all its stacks or `STACK:NAME` for one, as the CDK takes them. */
export type GivenParameters = Readonly<Record<string, string>>

/** What a parameter is: a text, a number, or a list. */
export type ParameterValue = string | number | readonly (string | number)[]

/**
 * A parameter's value: what is given, else its default. Undefined for one that has neither, and for one whose default
 * names a parameter of Systems Manager, which only AWS has.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
 * @throws KeeperError `bad_parameter` for what AWS would not take
 */
export function parameterValue(
  stack: Stack,
  name: string,
  given: GivenParameters,
): ParameterValue | undefined {
  const parameter = stack.parameters[name] ?? {}
  const text = [`${stack.stackName}:${name}`, `${stack.name}:${name}`, name]
    .map((key) => (Object.hasOwn(given, key) ? given[key] : undefined))
    .find((value) => value !== undefined)
  if (text === undefined && parameter.Type?.startsWith('AWS::SSM')) return undefined
  const value = text ?? parameter.Default
  return value === undefined ? undefined : typed(name, parameter, String(value))
}

function typed(name: string, { Type: type = 'String', AllowedValues: allowed }: Parameter, text: string) {
  if (allowed && !allowed.map(String).includes(text)) {
    throw new KeeperError('bad_parameter', `${name} is "${text}": use one of ${allowed.join(', ')}.`)
  }
  if (type === 'Number') return asNumber(name, text)
  if (type !== 'CommaDelimitedList' && !/\bList</.test(type)) return text
  const items = text.split(',').map((item) => item.trim())
  return type === 'List<Number>' ? items.map((item) => asNumber(name, item)) : items
}

function asNumber(name: string, text: string): number {
  const value = Number(text)
  if (text.trim() !== '' && Number.isFinite(value)) return value
  throw new KeeperError('bad_parameter', `${name} is "${text}": use a number.`)
}

/** @throws KeeperError `bad_parameter` for a name that no stack has */
export function checkGiven({ stacks }: Assembly, given: GivenParameters): void {
  const known = new Set(
    stacks.flatMap(({ name, stackName, parameters }) =>
      Object.keys(parameters).flatMap((key) => [key, `${name}:${key}`, `${stackName}:${key}`]),
    ),
  )
  for (const name of Object.keys(given)) {
    if (known.has(name)) continue
    const names = [...new Set(stacks.flatMap(({ parameters }) => Object.keys(parameters)))]
    throw new KeeperError(
      'bad_parameter',
      `--parameters names ${name}, and no stack has that parameter. There are ${names.join(', ') || 'none'}.`,
    )
  }
}
