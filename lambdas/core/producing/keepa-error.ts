import { KeeperError } from '../errors.ts'

/** Whether Keepa, or the client's patience with it, is at fault: the run tells it and goes on, or stops in order. */
export const isKeepaError = (error: unknown): error is KeeperError =>
  error instanceof KeeperError && error.code.startsWith('keepa_')
