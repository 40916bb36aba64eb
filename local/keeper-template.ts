import { monitoringOf } from './app/monitoring.ts'
import { type Places, References } from './app/references.ts'
import { stackOutputs } from './app/stack-outputs.ts'
import type { Assembly } from './app/stacks.ts'
import type { Resource } from './cloud/template/assembly.ts'
import { readTemplate, type Template } from './cloud/template/template.ts'

/** What Keeper's CDK app says, with its alarms', dashboards' and outputs' references replaced by what they are here. */
export function keeperTemplate(assembly: Assembly, places: Places): Template {
  const references = new References(assembly, places)
  const others = assembly.resources
    .filter(({ type }) => !type.startsWith('AWS::CloudWatch::'))
    .map((resource) => (resource.type === 'AWS::Events::Rule' ? withPattern(resource, references) : resource))
  return {
    ...readTemplate([...others, ...monitoringOf(assembly.resources, references)]),
    stacks: stackOutputs(assembly, references),
  }
}

/** A rule's pattern may name what the template makes. */
const withPattern = (resource: Resource, references: References): Resource => ({
  ...resource,
  properties: {
    ...resource.properties,
    EventPattern: references.replaced(resource.stack, resource.properties.EventPattern),
  },
})
