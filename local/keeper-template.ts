import { monitoringOf } from './app/monitoring.ts'
import { type Places, References } from './app/references.ts'
import type { Assembly } from './app/stacks.ts'
import { readTemplate, type Template } from './cloud/template/template.ts'

/** What Keeper's CDK app says, with its alarms' and dashboards' references replaced by what they are here. */
export function keeperTemplate(assembly: Assembly, places: Places): Template {
  const others = assembly.resources.filter(({ type }) => !type.startsWith('AWS::CloudWatch::'))
  return readTemplate([...others, ...monitoringOf(assembly.resources, new References(assembly, places))])
}
