import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { KeeperError } from '../errors.ts'

/** The kinds of messages that a person can leave one by one; digests are alerts. */
export const LEFT_KINDS = ['alert', 'report', 'notice'] as const
export type LeftKind = (typeof LEFT_KINDS)[number]

/** What a link lets its holder end and take up again: one watch, one kind of messages, or all of them. */
export type LinkScope = `watch:${string}` | `kind:${LeftKind}` | 'all'

/** Whose it is and what it is for. */
export interface Link {
  readonly userId: string
  readonly scope: LinkScope
}

/**
 * The keys of links. New links are signed with `current`; those that were signed with `previous` stay valid, so that a key
 * can be replaced without breaking the mails that people have.
 */
export interface LinkKeys {
  readonly current: string
  readonly previous?: string
}

/** The form of the token, in it and under its signature: another form cannot be mistaken for this one. */
const VERSION = '1'

const SCOPE = new RegExp(`^(watch:[1-9]\\d{0,18}|kind:(${LEFT_KINDS.join('|')})|all)$`)
const USER_ID = /^[1-9]\d{0,18}$/
const SHORTEST_KEY = 32

/**
 * The keys in the text of their secret, `{"current": "...", "previous": "..."}`.
 * @throws KeeperError `link_keys_invalid`, which quotes nothing of the text
 */
export function readLinkKeys(text: string): LinkKeys {
  const { current, previous } = parsed(text)
  if (isKey(current) && (previous === undefined || isKey(previous))) return { current, previous }
  throw new KeeperError(
    'link_keys_invalid',
    `The secret of the links' keys must be {"current": "...", "previous": "..."}, each of at least ${SHORTEST_KEY} characters; "previous" may be missing.`,
  )
}

/**
 * `1.<key id>.<user>.<scope>.<signature>`, for the path of an address. It does not expire: the law wants 60 days at least, and
 * whoever opens an older mail wants it to work. A link ends when both of its keys are gone.
 */
export function signLink({ current }: LinkKeys, { userId, scope }: Link): string {
  const signed = [VERSION, idOf(current), userId, scope.replace(':', '-')].join('.')
  return `${signed}.${signatureOf(current, signed).toString('base64url')}`
}

/**
 * What a token stands for. Whatever is wrong with it, the answer is the same.
 * @returns undefined where it is not valid, `unknown-key` where it may be valid with keys that are not these
 */
export function checkLink(keys: LinkKeys, token: string): Link | 'unknown-key' | undefined {
  const [version, keyId, userId = '', scopePart = '', signature = '', ...more] = token.split('.')
  const scope = scopePart.replace('-', ':')
  if (version !== VERSION || more.length > 0 || !USER_ID.test(userId) || !SCOPE.test(scope)) return undefined
  const key = [keys.current, keys.previous].find((known) => known !== undefined && idOf(known) === keyId)
  if (key === undefined) return 'unknown-key'
  const expected = signatureOf(key, token.slice(0, token.lastIndexOf('.')))
  const given = Buffer.from(signature, 'base64url')
  // Base64url has several spellings of some bytes: only the one that was handed out counts.
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected)
  return isOurs && given.toString('base64url') === signature
    ? { userId, scope: scope as LinkScope }
    : undefined
}

/** HMAC with SHA-256, RFC 2104. */
const signatureOf = (key: string, text: string): Buffer => createHmac('sha256', key).update(text).digest()

/** Names a key without saying anything of it: the first bytes of its digest. */
const idOf = (key: string): string => createHash('sha256').update(key).digest('hex').slice(0, 8)

const isKey = (value: unknown): value is string => typeof value === 'string' && value.length >= SHORTEST_KEY

/** JSON.parse's error is dropped, because it quotes the secret. */
function parsed(text: string): { readonly current?: unknown; readonly previous?: unknown } {
  try {
    return JSON.parse(text) ?? {}
  } catch {
    return {}
  }
}
