/** A resolved ARN as cdk-nag names it: joined, with what only a deployment knows as JSON. */
export function shownByNag(arn: unknown): string {
  if (typeof arn === 'string') return arn
  const {
    'Fn::Join': join,
    'Fn::GetAtt': attribute,
    Ref: name,
  } = arn as {
    readonly 'Fn::Join'?: readonly [string, readonly unknown[]]
    readonly 'Fn::GetAtt'?: readonly string[]
    readonly Ref?: string
  }
  if (name) return `<${name}>`
  if (attribute) return `<${attribute.join('.')}>`
  return join ? join[1].map(shownByNag).join(join[0]) : JSON.stringify(arn)
}
