import middy from '@middy/core'
import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda'
import { producerPool } from '../core/clients.ts'
import { readLinkKeysText } from '../core/link-keys.ts'
import { createLogger } from '../core/logger.ts'
import { reportInvocation } from '../core/report-invocation.ts'
import { answer } from './answer.ts'
import { KnownKeys } from './known-keys.ts'

const log = createLogger({ function: 'links' })

const keys = new KnownKeys(() => readLinkKeysText(process.env))

/** Invoked through its Function URL, by anybody. What it logs holds no address of a link: that is a key. */
export const handler = middy<LambdaFunctionURLEvent, APIGatewayProxyStructuredResultV2>()
  .use(reportInvocation(log))
  .handler((event) => answer(event, { pool: producerPool, keys }))
