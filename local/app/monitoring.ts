import { ELSEWHERE } from '../cloud/cloudwatch/alarm-resource.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import type { References } from './references.ts'

/** The alarms and dashboards of an assembly, with what their references are here. */
export function monitoringOf(resources: readonly Resource[], references: References): readonly Resource[] {
  return resources.flatMap((resource) => {
    const { type, stack, properties } = resource
    if (type === 'AWS::CloudWatch::Alarm' || type === 'AWS::CloudWatch::CompositeAlarm') {
      return [{ ...resource, properties: references.replaced(stack, properties) as Resource['properties'] }]
    }
    if (type !== 'AWS::CloudWatch::Dashboard') return []
    const { DashboardBody: body, DashboardName: name } = properties
    return [
      {
        ...resource,
        properties: {
          DashboardName: references.filled(stack, name ?? '', ELSEWHERE) || undefined,
          DashboardBody: references.filled(stack, body, ELSEWHERE),
        },
      },
    ]
  })
}
