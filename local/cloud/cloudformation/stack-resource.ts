/** A stack of the assembly, as CloudFormation names it. */
export interface StackResource {
  readonly name: string
  readonly outputs: readonly StackOutput[]
}

export interface StackOutput {
  readonly key: string
  readonly value: string
  readonly description?: string | undefined
  readonly exportName?: string | undefined
}
