import middy from '@middy/core'
import type { Context } from 'aws-lambda'
import { consumeDependencies } from '../../core/clients.ts'
import { consume } from '../../core/consuming/consume.ts'
import type { BatchResponse } from '../../core/consuming/invocation.ts'
import * as ENVIRONMENT from '../../core/environment-names.ts'
import type { MskEvent } from '../../core/kafka/msk-event.ts'
import { createLogger } from '../../core/logger.ts'
import { monthsOf, withinRetention } from '../../core/prices/retention.ts'
import { reportInvocation } from '../../core/report-invocation.ts'
import { priceConsumer } from './price-consumer.ts'

const log = createLogger({ function: 'price-consumer' })

/** Invoked by the event source mapping of `price-updates`. */
export const handler = middy<MskEvent, BatchResponse>()
  .use(reportInvocation(log))
  .handler((event: MskEvent, context: Context) =>
    consume(
      event,
      withinRetention(priceConsumer, monthsOf(process.env, ENVIRONMENT.historyRetentionMonths)),
      consumeDependencies(log, context),
    ),
  )
