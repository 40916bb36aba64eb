import middy from '@middy/core'
import type { Admin } from 'kafkajs'
import { deadlineOf, producerPool } from '../core/clients.ts'
import { oneOf } from '../core/environment.ts'
import * as ENVIRONMENT from '../core/environment-names.ts'
import { bootstrapServersOf, createKafka } from '../core/kafka/client.ts'
import { quietTimeoutWarning } from '../core/kafka/quiet-timeout-warning.ts'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { createOpenSearch, type OpenSearch } from '../core/search/open-search.ts'
import { answer } from './answer.ts'
import type { OperatorRequest, OperatorResponse } from './operation.ts'
import { operations } from './operations.ts'

const log = createLogger({ function: 'operator' })

/** A broker that is away is said so within 5 s. */
const RETRY = { retries: 1, initialRetryTime: 200, maxRetryTime: 1_000 }

let admin: Promise<Admin> | undefined
let openSearch: OpenSearch | undefined

/** Invoked by the command line and the console, as `operator-reader` or as `operator`. */
export const handler = middy<OperatorRequest, OperatorResponse>()
  .use(reportInvocation(log))
  .handler((request, context) => {
    quietTimeoutWarning()
    const kafka = createKafka(process.env, log, RETRY)
    const connect = async () => {
      const client = kafka.admin()
      await client.connect()
      return client
    }
    openSearch ??= createOpenSearch(process.env)
    log.info('operation', {
      operation: request?.operation,
      caller: request?.caller,
      requestId: context.awsRequestId,
    })
    return answer(request, operations, oneOf(process.env, ENVIRONMENT.operatorAccess, ['read', 'change']), {
      pool: producerPool,
      kafka,
      bootstrapServers: bootstrapServersOf(process.env),
      admin: async () => {
        admin ??= connect().catch((error: unknown) => {
          admin = undefined
          throw error
        })
        return admin
      },
      openSearch,
      log,
      deadlineMs: deadlineOf(context),
    })
  })
