import {
  CfnOutput,
  CrossStackReferences,
  Duration,
  ReferenceStrength,
  Stack,
  type StackProps,
} from 'aws-cdk-lib'
import { Dashboard, type IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import type { Construct } from 'constructs'

export interface MonitoringStackProps extends StackProps {
  /** Widgets row by row, as the constructs that own them offer them. */
  readonly rows: readonly IWidget[][]
}

/** One dashboard that shows the flow from the schedules to the tables. */
export class MonitoringStack extends Stack {
  constructor(scope: Construct, id: string, { rows, ...props }: MonitoringStackProps) {
    super(scope, id, props)
    // A dashboard must never keep a function from being removed: docs/decisions/cdk-cross-stack-references.md
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK)
    const dashboard = new Dashboard(this, 'dashboard', { defaultInterval: Duration.days(1) })
    for (const row of rows) dashboard.addWidgets(...row)

    new CfnOutput(this, 'DashboardName', { value: dashboard.dashboardName })
  }
}
