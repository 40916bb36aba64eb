import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda'
import type { Pool } from 'pg'
import { titleOf } from '../core/mail/letters/parts.ts'
import { type Link, signLink } from '../core/mail/link-tokens.ts'
import type { KnownKeys } from './known-keys.ts'
import { readRequest } from './link-request.ts'
import { BAD_REQUEST_PAGE, CONTENT_SECURITY_POLICY, linkPage, NO_SUCH_PAGE } from './page.tsx'
import { comeBack, leave, readStanding } from './standing.ts'
import { textOf } from './words.ts'

export interface LinksDependencies {
  readonly pool: () => Pool
  readonly keys: KnownKeys
}

/**
 * The page of a link: it shows how things stand, and a POST changes it. Whatever is wrong with a link, the answer is the
 * same one, so that nobody learns from it whether a user or a watch exists.
 */
export async function answer(
  event: LambdaFunctionURLEvent,
  { pool, keys }: LinksDependencies,
): Promise<APIGatewayProxyStructuredResultV2> {
  const request = await readRequest(event)
  if (!request) return page(400, BAD_REQUEST_PAGE)
  const link = await keys.check(request.token)
  if (!link) return page(404, NO_SUCH_PAGE)
  if (request.wish === 'leave') await leave(pool(), link)
  if (request.wish === 'return') await comeBack(pool(), link)
  const standing = await readStanding(pool(), link)
  if (!standing) return page(404, NO_SUCH_PAGE)
  const { product, isOn } = standing
  const all: Link = { userId: link.userId, scope: 'all' }
  return page(
    200,
    linkPage({
      ...textOf(link.scope, standing),
      product: product && `${titleOf(product)} (amazon.${product.domain})`,
      isOn,
      allPath: `/${signLink(await keys.newest(), all)}`,
    }),
  )
}

const page = (statusCode: number, body: string): APIGatewayProxyStructuredResultV2 => ({
  statusCode,
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    // The address is all that is needed to act: it goes to no other site, no cache and no search engine.
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    'x-robots-tag': 'noindex, nofollow',
    'x-content-type-options': 'nosniff',
    'strict-transport-security': 'max-age=31536000',
  },
  body,
})
