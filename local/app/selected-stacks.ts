import { KeeperError } from '../../lambdas/core/errors.ts'
import type { Assembly } from './stacks.ts'

/**
 * The names of the stacks that are to run, as resources have them; all of them where none is named. A stack is named
 * as CloudFormation or `cdk list` names it.
 * @throws KeeperError `stack_missing` naming those that there are
 */
export function selectedStacks({ stacks }: Assembly, wanted: readonly string[]): ReadonlySet<string> {
  const selected = wanted.flatMap((name) => {
    const found = stacks.filter((stack) => [stack.name, stack.stackName, stack.displayName].includes(name))
    if (found.length > 0) return found
    const known = stacks.map(({ stackName }) => stackName).join(', ')
    throw new KeeperError('stack_missing', `--stack is "${name}", and the assembly has ${known}.`)
  })
  return new Set((wanted.length > 0 ? selected : stacks).map(({ name }) => name))
}
