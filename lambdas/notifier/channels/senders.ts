import { type Environment, oneOf, optional } from '../../core/environment.ts'
import * as ENVIRONMENT from '../../core/environment-names.ts'
import type { Reachable } from './address-guard.ts'
import type { Senders } from './channel.ts'
import { discord, slack, telegram } from './chat.ts'
import { createEmailSender, type MailService, type MailSettings } from './email.ts'
import { createHttpSender } from './http-sender.ts'
import { ntfy } from './ntfy.ts'
import { createPost, type Post } from './post.ts'
import { createSes } from './ses.ts'
import { webhook } from './webhook.ts'

/** How this deployment sends. */
export interface SenderSettings extends MailSettings {
  readonly reachable: Reachable
  readonly telegramUrl: string
}

/**
 * The settings in the environment.
 * @throws KeeperError `environment_invalid`
 */
export const senderSettingsIn = (environment: Environment): SenderSettings => ({
  from: optional(environment, ENVIRONMENT.mailFrom, '') || null,
  configurationSet: optional(environment, ENVIRONMENT.mailConfigurationSet, '') || null,
  reachable: oneOf(environment, ENVIRONMENT.channelAddresses, ['public', 'local']),
  telegramUrl: 'https://api.telegram.org',
})

/** The services that senders use. */
export interface SenderServices {
  readonly mail: MailService
  readonly post: Post
}

/** The sender of every kind of channel. */
export function createSenders(
  settings: SenderSettings,
  { mail = createSes(), post = createPost(settings) }: Partial<SenderServices> = {},
): Senders {
  return {
    email: createEmailSender(mail, settings),
    webhook: createHttpSender('webhook', webhook, post),
    ntfy: createHttpSender('ntfy', ntfy, post),
    slack: createHttpSender('slack', slack, post),
    discord: createHttpSender('discord', discord, post),
    telegram: createHttpSender('telegram', telegram(settings.telegramUrl), post),
  }
}
