import { type Environment, optional, positive } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { STALE_PRICE_HOURS } from '../core/price-check-interval.ts'

/** How alerts are gathered and told. */
export interface NotifierSettings {
  /** How long a user's alerts are collected for one message, counted from the oldest that waits. */
  readonly collectMs: number
  /** Messages of alerts that a user gets in a local day, and alerts that one watch contributes to them. The rest waits for the digest. */
  readonly mostPerUser: number
  readonly mostPerWatch: number
  /** Over all channels. */
  readonly sendsPerSecond: number
  /** A price that was observed longer ago is not told: its alert waits for the next one. */
  readonly staleMs: number
  /** How long a claimed message is this run's alone: longer than a batch takes to be sent. */
  readonly leaseMs: number
  /** How long a message is tried again. */
  readonly giveUpMs: number
  /** The id of the RDS instance; empty where the database is none. */
  readonly databaseInstance: string
}

const HOUR_MS = 3_600_000

/**
 * The settings in the environment.
 * @throws KeeperError `environment_invalid` naming the variable
 */
export const settingsIn = (environment: Environment): NotifierSettings => ({
  collectMs: positive(environment, ENVIRONMENT.collectSeconds, 60) * 1_000,
  mostPerUser: positive(environment, ENVIRONMENT.messagesPerUser, 20),
  mostPerWatch: positive(environment, ENVIRONMENT.alertsPerWatch, 3),
  sendsPerSecond: positive(environment, ENVIRONMENT.sendsPerSecond, 1),
  staleMs: STALE_PRICE_HOURS * HOUR_MS,
  leaseMs: 120_000,
  giveUpMs: 24 * HOUR_MS,
  databaseInstance: optional(environment, ENVIRONMENT.databaseInstance, ''),
})
