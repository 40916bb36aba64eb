import { CloudError } from '../cloud-error.ts'
import { type Resource, resourceId } from './assembly.ts'

/** Reads properties of a template's resources; what cannot be read names the resource and the property. */

export const referenced = (resource: Resource, property: string): string =>
  referenceOf(resource, property, resource.properties[property])

/** The resource of the same stack that a Ref or Fn::GetAtt means. */
export function referenceOf(resource: Resource, property: string, value: unknown): string {
  const logicalId = logicalIdOf(value)
  if (logicalId !== undefined) return resourceId(resource.stack, logicalId)
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
  const value = resource.properties[property] ?? fallback
  if (typeof value === 'number') return value
  throw unreadable(resource, property, value, 'a number')
}

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
  value: unknown = resource.properties[property],
): number | undefined {
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
