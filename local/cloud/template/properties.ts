import { CloudError } from '../cloud-error.ts'
import { type Resource, resourceId } from './assembly.ts'

/** Reads properties of a template's resources; what cannot be read names the resource and the property. */

export const referenced = (resource: Resource, property: string): string =>
  referenceOf(resource, property, resource.properties[property])

/** The resource that a Ref or Fn::GetAtt means: of the same stack, or of the one that is named beside it (`Stack`). */
export function referenceOf(resource: Resource, property: string, value: unknown): string {
  const logicalId = logicalIdOf(value)
  const { Stack: stack = resource.stack } = (value ?? {}) as { readonly Stack?: string }
  if (logicalId !== undefined) return resourceId(stack, logicalId)
  throw unreadable(resource, property, value, 'a reference to a function of the same stack')
}

/** What a Ref or Fn::GetAtt names; undefined for anything else. */
export function logicalIdOf(value: unknown): string | undefined {
  const reference = value as { Ref?: unknown; 'Fn::GetAtt'?: unknown } | undefined
  const logicalId = reference?.Ref ?? list(reference?.['Fn::GetAtt'])[0]
  return typeof logicalId === 'string' ? logicalId : undefined
}

export function text(resource: Resource, property: string): string {
  const value = resource.properties[property]
  if (typeof value === 'string') return value
  throw unreadable(resource, property, value, 'a text')
}

export function number(resource: Resource, property: string, fallback: number): number {
  const value = numeric(resource.properties[property] ?? fallback)
  if (typeof value === 'number') return value
  throw unreadable(resource, property, value, 'a number')
}

/** As CloudFormation takes it: a number that stands there as text is a number. */
export const numeric = (value: unknown): unknown =>
  typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value

/** As CloudFormation takes it: `"true"` and `"false"` are true and false. */
export const isTrue = (value: unknown): boolean => value === true || value === 'true'
export const isFalse = (value: unknown): boolean => value === false || value === 'false'

/** A resource's place in the construct tree below its stack: `price-check-silent`. */
export const placeOf = ({ path }: Resource): string =>
  path
    .split('/')
    .slice(1)
    .filter((segment) => segment !== 'Resource')
    .join('-')

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** A destination is called by its logical name, or by the last part of an ARN that is written out. */
export const destinationName = (arn: unknown): string | undefined =>
  typeof arn === 'string' ? arn.split(/[:/]/).at(-1) : logicalIdOf(arn)

/** A number that may be missing, and is refused where AWS refuses it. */
export function numberWithin(
  resource: Resource,
  property: string,
  from: number,
  to: number,
  given: unknown = resource.properties[property],
): number | undefined {
  const value = numeric(given)
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= from && value <= to) return value
  throw unreadable(resource, property, value, `a number from ${from} to ${to}`)
}

export const unreadable = (
  resource: Resource,
  property: string,
  value: unknown,
  expected: string,
): CloudError =>
  new CloudError(
    'template_unreadable',
    `${resource.path} (${resource.type}): ${property} is ${JSON.stringify(value)}; here it takes ${expected}.`,
  )
