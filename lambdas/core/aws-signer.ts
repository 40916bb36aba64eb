import { SignatureV4 } from '@smithy/signature-v4'
import type { Environment } from './environment.ts'
import { KeeperError } from './errors.ts'
import { Sha256 } from './sha256.ts'

/** Why a signature is asked for, and what to do where there are no credentials: the sentence around their names. */
export interface SignerReason {
  readonly because: string
  readonly advice: string
}

/**
 * Signs requests to a service of AWS with the credentials that Lambda keeps in the environment.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 * @throws KeeperError `aws_credentials_missing` outside of Lambda
 */
export function awsSigner(
  service: string,
  environment: Environment,
  { because, advice }: SignerReason,
): SignatureV4 {
  const {
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
  } = environment
  if (!region || !accessKeyId || !secretAccessKey) {
    throw new KeeperError(
      'aws_credentials_missing',
      `${because}, but AWS_REGION, AWS_ACCESS_KEY_ID or AWS_SECRET_ACCESS_KEY is not set. ${advice}`,
    )
  }
  return new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, sessionToken: environment.AWS_SESSION_TOKEN },
    sha256: Sha256,
  })
}
