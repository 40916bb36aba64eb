import middy from '@middy/core'
import { functionNameOf, producerPool } from '../core/clients.ts'
import { createLogger } from '../core/logger.ts'
import { emitMetrics, METRICS } from '../core/metrics.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { applyMailEvent } from './apply-mail-event.ts'
import { readMailEvent } from './mail-event.ts'

const log = createLogger({ function: 'mail-events' })

/** Invoked by EventBridge with what SES tells of a mail; may come twice. */
export const handler = middy<unknown, void>()
  .use(reportInvocation(log))
  .handler(async (event, context) => {
    const read = readMailEvent(event)
    if (!read) return log.info('nothing follows from this event')
    const { kind, messageId, providerId, reason } = read
    const applied = await applyMailEvent(producerPool(), read)
    if (kind === 'sent') return log.info('a mail was sent', { messageId, providerId, ...applied })
    log.warn('a mail failed', { kind, messageId, providerId, reason, ...applied })
    emitMetrics(functionNameOf(context), { [METRICS.addressesSwitchedOff]: applied.addressesSwitchedOff })
  })
