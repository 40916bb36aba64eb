import type { MiddlewareObj } from '@middy/core'
import { errorFields, type Logger } from './logger.ts'

/**
 * Middleware that logs an invocation's error once, at the edge, and passes it on to Lambda.
 * No other code logs an error that it throws.
 */
export const reportInvocation = (log: Logger): MiddlewareObj => ({
  onError: ({ error, context }) => {
    log.error('the invocation failed', { requestId: context?.awsRequestId, ...errorFields(error) })
  },
})
