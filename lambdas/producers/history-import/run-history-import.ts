import { KeeperError } from '../../core/errors.ts'
import type { KeepaClient } from '../../core/keepa/client.ts'
import { marketplaceOf } from '../../core/marketplaces.ts'
import { inRun, type NotBegun, type RunInput } from '../../core/postgres/producer-runs.ts'
import { isKeepaError } from '../../core/producing/keepa-error.ts'
import { addStep, EMPTY_REPORT, type RunEnd, type RunReport } from '../../core/producing/run-report.ts'
import { sendNone, unsent } from '../../core/producing/send-all.ts'
import { type ImportedPage, importPage, type PageDependencies } from './import-page.ts'
import { affordable, MOST_PRODUCTS, TOKENS } from './token-budget.ts'
import { nextWaiting, type Place, START, type WaitingPage } from './waiting-products.ts'

/** The input of a run: all that wait, or some products at once. */
export interface ImportInput extends RunInput {
  /** `watched_products.id`. Their past is imported whether it was before or not. */
  readonly productIds?: readonly (string | number)[]
}

export interface ImportDependencies extends Omit<PageDependencies, 'keepa'> {
  /** Keepa's client, asked for only if there is something to import; undefined without an API key. */
  readonly keepa: () => Promise<Pick<KeepaClient, 'products'> | undefined>
}

export interface ImportReport extends RunReport {
  /** Products whose past was imported. */
  readonly imported: number
}

/** The least time left to start a page: enough for one answer and its events. */
const PAGE_MS = 20_000

/** Somebody waits for a run with product ids. If Keepa has no tokens, the next scheduled run imports them. */
const LONGEST_WAIT_MS = 20_000

/**
 * Imports the past of watched products, once for each. A run on the schedule imports those that wait, within its share of
 * Keepa's tokens; one with product ids imports just these, at once. It may run any number of times, and die anywhere.
 * @throws KeeperError `bad_run_input`, or of the database; other failures are in the report
 */
export function runHistoryImport(
  input: ImportInput | null,
  dependencies: ImportDependencies,
): Promise<ImportReport | NotBegun> {
  const ids = productIdsOf(input)
  if (ids) {
    const deadlineMs = Math.min(dependencies.deadlineMs, Date.now() + LONGEST_WAIT_MS + PAGE_MS)
    return importAll(START, { ...dependencies, deadlineMs }, ids).then(({ report }) => report)
  }
  const leaseMs = dependencies.deadlineMs - Date.now() + PAGE_MS
  return inRun<Place, ImportReport | NotBegun>(
    dependencies.pool,
    'history-import',
    input ?? {},
    leaseMs,
    async (run) => {
      const { report, resumeAfter } = await importAll(run.cursor ?? START, dependencies)
      await (resumeAfter ? run.pause(resumeAfter) : run.finish())
      return report
    },
  )
}

interface Imported {
  readonly report: ImportReport | NotBegun
  /** Set if the run stopped early: where the next one resumes. */
  readonly resumeAfter?: Place
}

async function importAll(
  start: Place,
  dependencies: ImportDependencies,
  ids?: readonly string[],
): Promise<Imported> {
  let report: ImportReport = { ...EMPTY_REPORT, imported: 0 }
  let after = start
  let spent = 0
  // The first answer says how many tokens there are.
  let most = ids ? MOST_PRODUCTS : 1
  for (;;) {
    const page = await nextWaiting(dependencies.pool, after, most, ids)
    if (!page) return { report }
    if (Date.now() + PAGE_MS > dependencies.deadlineMs)
      return { report: { ...report, end: 'out-of-time' }, resumeAfter: after }
    const keepa = await dependencies.keepa()
    if (!keepa) return { report: { skipped: 'no-api-key' }, resumeAfter: after }
    try {
      // Before tokens are spent: a price that cannot be sent need not be asked for.
      await dependencies.producer.connect()
    } catch (error) {
      const step = sendNone(page.products, error, dependencies.log)
      return { report: { ...report, ...addStep(report, step) }, resumeAfter: after }
    }
    const asked = await ask(page, { ...dependencies, keepa })
    report = { ...addStep(report, asked.step), imported: report.imported + (asked.imported ?? 0) }
    if (asked.end === 'out-of-tokens') return { report: { ...report, end: asked.end }, resumeAfter: after }
    after = page.through
    // A page that fails is skipped; otherwise no other page would ever be asked for.
    if (asked.end) return { report: { ...report, end: asked.end }, resumeAfter: after }
    const { tokensLeft, tokenCapacity } = asked
    if (ids || tokensLeft === undefined || tokenCapacity === undefined) continue
    const cost = TOKENS[dependencies.buyBox ?? 'on']
    spent += cost * page.products.length
    most = Math.min(MOST_PRODUCTS, Math.floor(affordable({ tokensLeft, tokenCapacity }, spent) / cost))
    if (most < 1) return { report: { ...report, end: 'out-of-tokens' }, resumeAfter: after }
  }
}

type Asked = Pick<ImportedPage, 'step'> & Partial<ImportedPage> & { readonly end?: RunEnd }

/** @throws KeeperError of the database */
async function ask(page: WaitingPage, dependencies: PageDependencies): Promise<Asked> {
  const { log } = dependencies
  // Rows from before the table refused unknown domains; the price check names them in its log.
  if (!marketplaceOf(page.domain)) return { step: {} }
  try {
    return await importPage(page, dependencies)
  } catch (error) {
    if (!isKeepaError(error)) throw error
    if (error.code === 'keepa_out_of_tokens') return { step: {}, end: 'out-of-tokens' }
    log.error('histories could not be asked for', {
      code: error.code,
      reason: error.message,
      products: page.products.length,
    })
    const notChecked = page.products.map((product) => unsent(product, error))
    return { step: { notChecked }, ...(error.code === 'keepa_fault' && { end: 'keepa-fault' }) }
  }
}

function productIdsOf(input: ImportInput | null): readonly string[] | undefined {
  const ids: unknown = input?.productIds
  if (ids === undefined || ids === null) return undefined
  if (Array.isArray(ids) && ids.every((id) => /^\d{1,18}$/.test(String(id)))) return ids.map(String)
  throw new KeeperError(
    'bad_run_input',
    `productIds is ${JSON.stringify(ids)}: use a list of ids of watched_products, such as [12, 34].`,
  )
}
