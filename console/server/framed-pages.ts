import { randomBytes } from 'node:crypto'
import { type Asset, assetOf } from './assets.ts'

/** What is open in a few tabs. */
const MOST = 20

/**
 * Pages of others, such as mails, for a sandboxed frame. A frame cannot send the session's token, so each page gets an
 * address that nobody can guess.
 */
export class FramedPages {
  readonly #pages = new Map<string, Asset>()

  /** Its address, until as many others as are kept have come. */
  async add(html: string): Promise<string> {
    const path = `/framed/${randomBytes(24).toString('base64url')}`
    this.#pages.set(path, await assetOf('text/html; charset=utf-8', withTabs(html)))
    const [oldest] = this.#pages.keys()
    if (this.#pages.size > MOST && oldest !== undefined) this.#pages.delete(oldest)
    return path
  }

  get(path: string): Asset | undefined {
    return this.#pages.get(path)
  }
}

/** Links open tabs: within the frame, the console's policy would refuse where they lead. */
const withTabs = (html: string): string =>
  /<head[^>]*>/i.test(html)
    ? html.replace(/<head[^>]*>/i, (head) => `${head}<base target="_blank">`)
    : `<base target="_blank">${html}`
