import { KeeperError } from '../../core/errors.ts'
import { MAIL_ADDRESS } from '../../core/mail/address.ts'

export const CHANNEL_KINDS = ['email', 'webhook', 'ntfy', 'slack', 'discord', 'telegram'] as const

/** What a kind's address and secret look like. The notifier checks what names resolve to, each time that it sends. */
interface Rule {
  readonly address: (address: string) => boolean
  /** What the address is, for a sentence. */
  readonly addressIs: string
  readonly secret?: (secret: string) => boolean
  readonly secretIs: string
  readonly needsSecret: boolean
}

const LABEL = /^[^\s/:?][^/:?]{0,99}$/

const RULES: Readonly<Record<string, Rule>> = {
  email: {
    address: (address) => MAIL_ADDRESS.test(address),
    addressIs: 'an e-mail address such as ada@example.com',
    secretIs: 'An e-mail address has no secret',
    needsSecret: false,
  },
  webhook: {
    address: isWebAddress,
    addressIs: 'an https address without a user name',
    secret: (secret) => {
      const keys = secret.split(/\s+/)
      return keys.length <= 2 && keys.every(isWebhookKey)
    },
    secretIs:
      'The secret of a webhook is whsec_ and 24 to 64 bytes in Base64 (echo "whsec_$(openssl rand -base64 32)"), or two of them with a blank between',
    needsSecret: true,
  },
  ntfy: {
    address: (address) =>
      isWebAddress(address) && /\/[-_A-Za-z0-9]{1,64}\/?$/.test(new URL(address).pathname),
    addressIs: 'the https address of a topic, such as https://ntfy.sh/my-prices',
    secret: (secret) => /^[\x21-\x7e]+$/.test(secret),
    secretIs: 'The secret of ntfy is an access token, which begins with tk_',
    needsSecret: false,
  },
  slack: {
    address: (address) => LABEL.test(address),
    addressIs: "a name such as #prices: Slack's webhook address is the secret",
    secret: isWebAddress,
    secretIs: "The secret of Slack is the webhook's https address",
    needsSecret: true,
  },
  discord: {
    address: (address) => LABEL.test(address),
    addressIs: "a name such as prices: Discord's webhook address is the secret",
    secret: isWebAddress,
    secretIs: "The secret of Discord is the webhook's https address",
    needsSecret: true,
  },
  telegram: {
    address: (address) => /^(-?\d{1,20}|@\w{4,64})$/.test(address),
    addressIs: "a chat's id such as -1001234567890, or @ and a channel's name: the bot's token is the secret",
    secret: (secret) => /^\d{1,20}:[-_A-Za-z0-9]{10,100}$/.test(secret),
    secretIs: "The secret of Telegram is the bot's token",
    needsSecret: true,
  },
}

/** @throws KeeperError `bad_channel`. Neither message repeats what was given: a secret may be in the wrong place. */
export function checkChannel(kind: string, address: string): void {
  const rule = RULES[kind]
  if (rule && !rule.address(address)) {
    throw new KeeperError('bad_channel', `The address of ${kind} is ${rule.addressIs}.`)
  }
}

/** @throws KeeperError `bad_channel`, without the secret */
export function checkSecret(kind: string, secret: string | undefined): void {
  const rule = RULES[kind]
  if (!rule || (!secret && !rule.needsSecret)) return
  if (!secret || !rule.secret?.(secret)) throw new KeeperError('bad_channel', `${rule.secretIs}.`)
}

/** On AWS the notifier takes https alone; http is for a server on the same machine. */
function isWebAddress(address: string): boolean {
  const url = URL.parse(address)
  if (url === null || url.username !== '' || url.password !== '') return false
  const { protocol, hostname } = url
  return (
    protocol === 'https:' || (protocol === 'http:' && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname))
  )
}

function isWebhookKey(key: string): boolean {
  const [, base64] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(key) ?? []
  const { length } = Buffer.from(base64 ?? '', 'base64')
  return length >= 24 && length <= 64
}
