import type { LambdaFunctionURLEvent } from 'aws-lambda'

/** What a person, or a mail program for them, asks of a link. */
export type Wish = 'see' | 'leave' | 'return'

export interface LinkRequest {
  /** What the address says; nobody has checked it yet. */
  readonly token: string
  readonly wish: Wish
}

/** A form of ours, or of a mail program, is much smaller. */
const MOST_BODY_BYTES = 4_096

/**
 * Only POST asks for a change: mail programs and scanners follow every link of a mail with GET and HEAD.
 * @returns undefined for any other method, and for a form that asks for nothing
 */
export async function readRequest(event: LambdaFunctionURLEvent): Promise<LinkRequest | undefined> {
  const token = event.rawPath.slice(1)
  const { method } = event.requestContext.http
  if (method === 'GET' || method === 'HEAD') return { token, wish: 'see' }
  const wish = method === 'POST' ? await wishOf(event) : undefined
  return wish && { token, wish }
}

/**
 * Our page's form, or RFC 8058's one-click `List-Unsubscribe=One-Click`, which mail programs send without a person, as a
 * form of either encoding: https://www.rfc-editor.org/rfc/rfc8058#section-3.2
 */
async function wishOf({
  body = '',
  isBase64Encoded,
  headers,
}: LambdaFunctionURLEvent): Promise<Wish | undefined> {
  const bytes = Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8')
  if (bytes.length > MOST_BODY_BYTES) return undefined
  const type = headers['content-type'] ?? 'application/x-www-form-urlencoded'
  const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
    .formData()
    .catch(() => undefined)
  if (form?.get('List-Unsubscribe') === 'One-Click') return 'leave'
  const wish = form?.get('do')
  return wish === 'leave' || wish === 'return' ? wish : undefined
}
