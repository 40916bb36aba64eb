import { messageOf } from '../cloud-error.ts'
import { compilePattern, type Pattern } from '../mapping/event-pattern.ts'
import type { Resource } from '../template/assembly.ts'
import { resourceId } from '../template/assembly.ts'
import { list, logicalIdOf, unreadable } from '../template/properties.ts'

/** AWS::Events::Rule of the default bus, with the functions among its targets. */
export interface RuleResource {
  readonly name: string
  readonly matches: Pattern
  readonly functionIds: readonly string[]
}

/**
 * Rules that an event pattern has. What a rule does besides invoking functions of its stack has no effect here.
 * @throws CloudError `template_unreadable` naming the resource and property
 */
export function readRule(resource: Resource): readonly RuleResource[] {
  const { EventPattern: pattern, Targets: targets, State: state, EventBusName: bus } = resource.properties
  if (pattern === undefined || state === 'DISABLED' || (bus !== undefined && bus !== 'default')) return []
  const functionIds = list(targets).flatMap((target) => {
    const { Arn: arn, InputPath: path, InputTransformer: transformer, Input: input } = target as Target
    if ([path, transformer, input].some((each) => each !== undefined)) {
      throw unreadable(resource, 'Targets', target, 'a target that gets the whole event')
    }
    const id = logicalIdOf(arn)
    return id === undefined ? [] : [resourceId(resource.stack, id)]
  })
  try {
    return [{ name: resource.logicalId, matches: compilePattern(pattern), functionIds }]
  } catch (error) {
    throw unreadable(
      resource,
      'EventPattern',
      pattern,
      `a pattern whose rules are known: ${messageOf(error)}`,
    )
  }
}

interface Target {
  readonly Arn?: unknown
  readonly Input?: unknown
  readonly InputPath?: unknown
  readonly InputTransformer?: unknown
}
