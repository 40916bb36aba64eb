import type { StackResource } from '../cloud/cloudformation/stack-resource.ts'
import { ELSEWHERE } from '../cloud/cloudwatch/alarm-resource.ts'
import type { References } from './references.ts'
import type { Assembly } from './stacks.ts'

/** The stacks of an assembly, with what their outputs are here. */
export const stackOutputs = ({ stacks }: Assembly, references: References): readonly StackResource[] =>
  stacks.map(({ name, stackName, outputs }) => ({
    name: stackName,
    outputs: Object.entries(outputs).map(([key, { Value, Description, Export }]) => ({
      key,
      value: references.filled(name, Value, ELSEWHERE) ?? ELSEWHERE,
      description: typeof Description === 'string' ? Description : undefined,
      exportName: Export && references.filled(name, Export.Name, ELSEWHERE),
    })),
  }))
