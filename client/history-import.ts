import { invokeAndWait } from './invoke.ts'
import type { Keeper } from './keeper.ts'
import { partNamed, partsOf } from './parts.ts'

/** What became of an import that was asked for. */
export interface ImportedHistory {
  /** Products whose past was sent. */
  readonly imported: number
  /** Events that Kafka has, the present one included. */
  readonly sent: number
  /** Products that Keepa does not have. */
  readonly unknown: number
  /** Products that have no price, and will have none until somebody acts. */
  readonly notFollowed: number
  /** `finished`, `out-of-tokens` ... */
  readonly end: string
}

/** Why an import was not begun, such as `no-api-key`. */
export interface SkippedImport {
  readonly skipped: string
}

/**
 * Imports the past of a product, and waits until it is sent.
 * @throws ClientError `not_permitted`, `no_such_function` before that version is deployed, or `function_failed`
 */
export async function importHistory(
  keeper: Keeper,
  productId: string,
): Promise<ImportedHistory | SkippedImport> {
  const named = partNamed((await partsOf(keeper)).functions, 'function', 'history-import')
  const report = await invokeAndWait(keeper, named, JSON.stringify({ productIds: [productId] }))
  return (report ?? {}) as ImportedHistory | SkippedImport
}
