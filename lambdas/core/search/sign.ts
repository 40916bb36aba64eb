import { SignatureV4 } from '@smithy/signature-v4'
import type { Environment } from '../environment.ts'
import { KeeperError } from '../errors.ts'
import { Sha256 } from '../sha256.ts'

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
  const {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  } = environment
  if (!region || !accessKeyId || !secretAccessKey) {
    throw new KeeperError(
      'aws_credentials_missing',
      'SEARCH_ENDPOINT is an https address, but AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set. Lambda sets them.',
    )
  }
  const signer = new SignatureV4({
    service: 'es',
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken: environment.AWS_SESSION_TOKEN },
    sha256: Sha256,
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
