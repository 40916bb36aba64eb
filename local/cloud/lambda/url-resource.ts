import type { Resource } from '../template/assembly.ts'
import { referenced } from '../template/properties.ts'

/** AWS::Lambda::Url: an address of its own at which a function answers. */
export interface UrlResource {
  readonly functionId: string
  /** `NONE`: anybody may ask. With `AWS_IAM` requests are signed, which nobody checks here. */
  readonly authType: string
}

export const readUrl = (resource: Resource): UrlResource => ({
  functionId: referenced(resource, 'TargetFunctionArn'),
  authType: String(resource.properties.AuthType),
})
