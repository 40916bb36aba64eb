import { functionName } from '../cloud/lambda/function-resource.ts'
import { own } from '../cloud/own.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import type { Places, References } from './references.ts'

/** Variables that hold the brokers' addresses, by the names that are usual. */
const BROKER_NAMES = ['KAFKA_BOOTSTRAP_SERVERS', 'BOOTSTRAP_SERVERS', 'KAFKA_BROKERS']

/** A variable that a function is to have and cannot have here. */
export interface MissingVariable {
  readonly functionName: string
  readonly variable: string
  readonly refersTo: string
}

/** A function with its variables as they are here; those that nothing here can give stay out of it. */
export function withVariables(
  resource: Resource,
  references: References,
  places: Places,
  given: Readonly<Record<string, string>>,
): { readonly resource: Resource; readonly missing: readonly MissingVariable[] } {
  const environment = resource.properties.Environment as { Variables?: Record<string, unknown> } | undefined
  const missing: MissingVariable[] = []
  const variables = new Map<string, string>()
  for (const [variable, value] of Object.entries(environment?.Variables ?? {})) {
    const here = own(given, variable) ?? (typeof value === 'string' ? undefined : placeOf(variable, places))
    const resolved = references.resolve(resource.stack, value)
    if (here !== undefined) variables.set(variable, here)
    else if (resolved.known) variables.set(variable, resolved.text)
    else missing.push({ functionName: functionName(resource), variable, refersTo: resolved.refersTo })
  }
  const properties = {
    ...resource.properties,
    Environment: { Variables: { ...Object.fromEntries(variables), ...given } },
  }
  return { resource: { ...resource, properties }, missing }
}

function placeOf(variable: string, { bootstrapServers, databaseUrl }: Places): string | undefined {
  if (BROKER_NAMES.includes(variable)) return bootstrapServers
  return variable === 'DATABASE_URL' ? (databaseUrl ?? undefined) : undefined
}
