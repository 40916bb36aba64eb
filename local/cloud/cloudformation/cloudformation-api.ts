import { arn } from '../account.ts'
import { ApiError, type AwsService } from '../protocols/api.ts'
import { Input } from '../protocols/input.ts'
import { queryService } from '../protocols/query.ts'
import type { StackResource } from './stack-resource.ts'

/** Has no pages: an assembly has a few stacks. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
export function createCloudFormationApi(stacks: readonly StackResource[], createdMs: number): AwsService {
  return queryService('http://cloudformation.amazonaws.com/doc/2010-05-15/', '2010-05-15', {
    DescribeStacks: (input) => {
      const name = new Input(input, 'ValidationError').optionalText('StackName')
      const found = stacks.filter(
        (stack) => name === undefined || name === stack.name || name === idOf(stack),
      )
      if (name !== undefined && found.length === 0) {
        const known = stacks.map((stack) => stack.name).join(', ') || 'none'
        throw new ApiError('ValidationError', `Stack with id ${name} does not exist; there are: ${known}.`)
      }
      return { Stacks: found.map((stack) => described(stack, createdMs)) }
    },
  })
}

const idOf = ({ name }: StackResource): string =>
  arn('cloudformation', `stack/${name}/00000000-0000-0000-0000-000000000000`)

const described = (stack: StackResource, createdMs: number) => ({
  StackId: idOf(stack),
  StackName: stack.name,
  CreationTime: new Date(createdMs),
  StackStatus: 'CREATE_COMPLETE',
  DisableRollback: false,
  NotificationARNs: [],
  Tags: [],
  Outputs: stack.outputs.map(({ key, value, description, exportName }) => ({
    OutputKey: key,
    OutputValue: value,
    Description: description,
    ExportName: exportName,
  })),
})
