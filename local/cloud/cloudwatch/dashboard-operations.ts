import { dashboardArn } from '../account.ts'
import { ApiError, type Operations } from '../protocols/api.ts'
import { Input, pageOf } from '../protocols/input.ts'
import type { CloudWatch } from './cloudwatch.ts'
import type { DashboardResource } from './dashboard-resource.ts'

const INVALID = 'InvalidParameterValueException'

/**
 * Dashboards, with their references replaced by what they are here.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListDashboards.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetDashboard.html
 */
export const dashboardOperations = ({ dashboards, startedMs }: CloudWatch): Operations => ({
  ListDashboards: (values) => {
    const input = new Input(values, INVALID)
    const prefix = input.optionalText('DashboardNamePrefix') ?? ''
    const found = dashboards.filter(({ name }) => name.startsWith(prefix))
    const { items, next } = pageOf(found, 1_000, input.optionalText('NextToken'), INVALID)
    return { DashboardEntries: items.map((dashboard) => entryOf(dashboard, startedMs)), NextToken: next }
  },
  GetDashboard: (values) => {
    const name = new Input(values, INVALID).text('DashboardName')
    const found = dashboards.find((dashboard) => dashboard.name === name)
    if (found) return { DashboardArn: dashboardArn(name), DashboardBody: found.body, DashboardName: name }
    const known = dashboards.map((dashboard) => dashboard.name).join(', ') || 'none'
    throw new ApiError('DashboardNotFoundError', `Dashboard ${name} does not exist. There are ${known}.`, {
      status: 404,
    })
  },
})

const entryOf = ({ name, body }: DashboardResource, startedMs: number) => ({
  DashboardName: name,
  DashboardArn: dashboardArn(name),
  LastModified: new Date(startedMs),
  Size: Buffer.byteLength(body),
})
