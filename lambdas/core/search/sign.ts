import { awsSigner } from '../aws-signer.ts'
import type { Environment } from '../environment.ts'

/** A request as it will be sent. */
export interface OutgoingRequest {
  readonly method: string
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  readonly body: string | undefined
  readonly headers: Readonly<Record<string, string>>
}

/**
 * The request with AWS's signature, made from the credentials that Lambda keeps in the environment.
 * https://docs.aws.amazon.com/opensearch-service/latest/developerguide/request-signing.html (the service is `es`)
 * @throws KeeperError `aws_credentials_missing` outside of Lambda
 */
export async function signed(
  request: OutgoingRequest,
  { hostname }: URL,
  environment: Environment,
): Promise<OutgoingRequest> {
  const signer = awsSigner('es', environment, {
    because: 'SEARCH_ENDPOINT is an https address',
    advice: 'Lambda sets them.',
  })
  const { headers } = await signer.sign({
    ...request,
    protocol: 'https:',
    hostname,
    headers: { ...request.headers },
    query: { ...request.query },
  })
  return { ...request, headers }
}
