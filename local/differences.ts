import * as ENVIRONMENT from '../lambdas/core/environment-names.ts'
import { own } from './cloud/own.ts'

/**
 * All that differs between a function on AWS and the same function here: where things are, that nobody signs in with
 * IAM, where secrets come from, how long alerts are collected, and that channels may lead to this machine. Every other variable is the template's own.
 */
export interface LocalPlaces {
  readonly bootstrapServers: string
  readonly databaseUrl: string
  readonly keepaBaseUrl: string
  readonly keepaApiKey: string
  /** Where the page is that links in mails open, and the text of the keys that sign them. */
  readonly links?: { readonly url: string; readonly keys: string }
  /** Where OpenSearch is, where this run has one. */
  readonly searchUrl?: string | undefined
  /** The name here of SES's configuration set; undefined where the template has none. */
  readonly mailConfigurationSet?: string
}

/** Settings of the synthesis: a local run has what is off on AWS until somebody decides on it. No mail leaves the machine. */
export const LOCAL_CONTEXT = { mailFrom: 'keeper@keeper.example', publicLinks: 'on' } as const

/**
 * A function's variables with the local values in place of AWS's. A variable is replaced only where the template gives
 * it to the function.
 */
export function localVariables(
  template: Readonly<Record<string, string | undefined>>,
  places: LocalPlaces,
): Record<string, string> {
  const replacements: Record<string, Record<string, string>> = {
    [ENVIRONMENT.bootstrapServers]: { [ENVIRONMENT.bootstrapServers]: places.bootstrapServers },
    [ENVIRONMENT.kafkaAuthentication]: { [ENVIRONMENT.kafkaAuthentication]: 'none' },
    [ENVIRONMENT.databaseUrl]: { [ENVIRONMENT.databaseUrl]: places.databaseUrl },
    [ENVIRONMENT.databaseAuthentication]: { [ENVIRONMENT.databaseAuthentication]: 'password' },
    [ENVIRONMENT.databaseSecretArn]: {},
    [ENVIRONMENT.databaseInstance]: {},
    [ENVIRONMENT.keepaApiKeySecretArn]: {
      [ENVIRONMENT.keepaApiKey]: places.keepaApiKey,
      [ENVIRONMENT.keepaBaseUrl]: places.keepaBaseUrl,
    },
    [ENVIRONMENT.linksUrl]: places.links ? { [ENVIRONMENT.linksUrl]: places.links.url } : {},
    [ENVIRONMENT.linkKeysSecretArn]: places.links ? { [ENVIRONMENT.linkKeys]: places.links.keys } : {},
    [ENVIRONMENT.searchEndpoint]: places.searchUrl ? { [ENVIRONMENT.searchEndpoint]: places.searchUrl } : {},
    // Someone who waits in front of the screen is told at once.
    [ENVIRONMENT.collectSeconds]: { [ENVIRONMENT.collectSeconds]: '5' },
    [ENVIRONMENT.mailConfigurationSet]: places.mailConfigurationSet
      ? { [ENVIRONMENT.mailConfigurationSet]: places.mailConfigurationSet }
      : {},
    // A person tries a webhook against a server of their own.
    [ENVIRONMENT.channelAddresses]: { [ENVIRONMENT.channelAddresses]: 'local' },
    // Amazon's certificate authorities lie in Lambda's own file system; nothing here is reached over TLS.
    NODE_EXTRA_CA_CERTS: {},
  }
  return Object.fromEntries(
    Object.entries(template).flatMap(([name, value]) =>
      Object.entries(own(replacements, name) ?? (value === undefined ? {} : { [name]: value })),
    ),
  )
}

/** Someone who waits in front of the screen is told within seconds; EventBridge Scheduler's shortest rate is a minute. */
const EVERY_MS: Readonly<Record<string, number>> = { notifier: 10_000 }

/** How often a function's schedule fires here; undefined: as the template says. */
export const localEveryMs = (name: string | undefined): number | undefined =>
  name === undefined ? undefined : own(EVERY_MS, name)
