import { checkLink, type Link, type LinkKeys, readLinkKeys } from '../core/mail/link-tokens.ts'

/** Tokens of a key that is not known make the secret be read again, at most this often: anybody can send such a token. */
const READ_AGAIN_MS = 60_000

/** The keys of links, kept while the execution environment is warm, and read again when they have changed. */
export class KnownKeys {
  readonly #read: () => Promise<string>
  readonly #nowMs: () => number
  #keys: LinkKeys | undefined
  #readMs = 0

  constructor(read: () => Promise<string>, nowMs: () => number = Date.now) {
    this.#read = read
    this.#nowMs = nowMs
  }

  /** The keys that new links are signed with. */
  async newest(): Promise<LinkKeys> {
    return this.#keys ?? this.#readAgain()
  }

  /** What a token stands for; undefined where it is not valid. */
  async check(token: string): Promise<Link | undefined> {
    const link = checkLink(await this.newest(), token)
    if (link !== 'unknown-key') return link
    if (this.#nowMs() - this.#readMs < READ_AGAIN_MS) return undefined
    const again = checkLink(await this.#readAgain(), token)
    return again === 'unknown-key' ? undefined : again
  }

  async #readAgain(): Promise<LinkKeys> {
    this.#keys = readLinkKeys(await this.#read())
    this.#readMs = this.#nowMs()
    return this.#keys
  }
}
