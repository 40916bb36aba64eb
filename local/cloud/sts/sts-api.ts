import { ACCOUNT } from '../account.ts'
import type { AwsService } from '../protocols/api.ts'
import { queryService } from '../protocols/query.ts'

/** Whoever asks is the same one here. */
const CALLER = {
  Arn: `arn:aws:iam::${ACCOUNT}:user/local`,
  UserId: 'AIDALOCALUSER0000000',
  Account: ACCOUNT,
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html */
export const createStsApi = (): AwsService =>
  queryService('https://sts.amazonaws.com/doc/2011-06-15/', '2011-06-15', { GetCallerIdentity: () => CALLER })
