import { monitoringOf } from './app/monitoring.ts'
import { type Places, References } from './app/references.ts'
import { stackOutputs } from './app/stack-outputs.ts'
import type { Assembly } from './app/stacks.ts'
import { readTemplate, type Template } from './cloud/template/template.ts'

/** What Keeper's CDK app says, with its alarms', dashboards' and outputs' references replaced by what they are here. */
export function keeperTemplate(assembly: Assembly, places: Places): Template {
  const others = assembly.resources.filter(({ type }) => !type.startsWith('AWS::CloudWatch::'))
  const references = new References(assembly, places)
  return {
    ...readTemplate([...others, ...monitoringOf(assembly.resources, references)]),
    stacks: stackOutputs(assembly, references),
  }
}
