import { KeeperError } from '../errors.ts'

/** Whether the error is of the Keepa client: the run then reports it, and continues or stops cleanly. */
export const isKeepaError = (error: unknown): error is KeeperError =>
  error instanceof KeeperError && error.code.startsWith('keepa_')
