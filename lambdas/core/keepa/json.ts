/** An unchecked JSON object: Keepa's answers are checked field by field where they are read. */
export type JsonObject = Readonly<Record<string, unknown>>

/** The value as an object; undefined for null, arrays and scalars. */
export const asObject = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined

/** The value as a finite number; undefined for anything else. */
export const asNumber = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
