import { functionName } from '../cloud/lambda/function-resource.ts'
import { own } from '../cloud/own.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import { brokersIn, isBrokerAddress, isBrokersName } from './broker-addresses.ts'
import type { Places, References } from './references.ts'

/** A variable that a function has in AWS and cannot have here. */
export interface MissingVariable {
  readonly functionName: string
  readonly variable: string
  readonly refersTo: string
}

/** A variable in which a function finds a broker that only AWS has. */
export interface CallsOut {
  readonly functionName: string
  readonly variable: string
  readonly broker: string
}

/** What is to be said of variables. */
export interface VariableNotes {
  readonly missing: readonly MissingVariable[]
  readonly callsOut: readonly CallsOut[]
}

/** A function with its variables as they are here; those that nothing here can give stay out of it. */
export function withVariables(
  resource: Resource,
  references: References,
  places: Places,
  given: Readonly<Record<string, string>>,
): { readonly resource: Resource; readonly notes: VariableNotes } {
  const environment = resource.properties.Environment as { Variables?: Record<string, unknown> } | undefined
  const name = functionName(resource)
  const missing: MissingVariable[] = []
  const callsOut: CallsOut[] = []
  const variables = new Map<string, string>()
  for (const [variable, value] of Object.entries(environment?.Variables ?? {})) {
    const resolved = references.resolve(resource.stack, value)
    const text = resolved.known ? resolved.text : undefined
    const here = own(given, variable) ?? placeOf(variable, value, text, places) ?? text
    if (here === undefined) {
      if (!resolved.known) missing.push({ functionName: name, variable, refersTo: resolved.refersTo })
      continue
    }
    variables.set(variable, here)
    const [broker] = brokersIn(here)
    if (broker !== undefined) callsOut.push({ functionName: name, variable, broker })
  }
  const properties = {
    ...resource.properties,
    Environment: { Variables: { ...Object.fromEntries(variables), ...given } },
  }
  return { resource: { ...resource, properties }, notes: { missing, callsOut } }
}

export const joinedNotes = (notes: readonly VariableNotes[]): VariableNotes => ({
  missing: notes.flatMap(({ missing }) => missing),
  callsOut: notes.flatMap(({ callsOut }) => callsOut),
})

/** What a variable is here whatever the template says; undefined for one that is as it stands. */
function placeOf(
  variable: string,
  value: unknown,
  text: string | undefined,
  { bootstrapServers, databaseUrl }: Places,
): string | undefined {
  const isReference = typeof value !== 'string' || text === undefined
  if (isBrokerAddress(text, 'of AWS')) return bootstrapServers
  if (isBrokersName(variable) && (isReference || isBrokerAddress(text, 'of any'))) return bootstrapServers
  return variable === 'DATABASE_URL' && isReference ? (databaseUrl ?? undefined) : undefined
}
