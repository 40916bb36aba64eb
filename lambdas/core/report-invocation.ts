import type { MiddlewareObj } from '@middy/core'
import { errorFields, type Logger } from './logger.ts'

/**
 * Middleware that logs an invocation's error, once and at the edge; the error itself goes on to Lambda.
 * Nothing below logs what it throws.
 */
export const reportInvocation = (log: Logger): MiddlewareObj => ({
  onError: ({ error, context }) => {
    log.error('the invocation failed', { requestId: context?.awsRequestId, ...errorFields(error) })
  },
})
