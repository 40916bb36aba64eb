import { readFileSync } from 'node:fs'
import { App, type AppProps, Tags } from 'aws-cdk-lib'
import { KeeperError } from '../lambdas/core/errors.ts'
import { DataStack } from '../lib/data-stack.ts'
import { recordOf } from '../lib/deployed-stage.ts'
import { MonitoringStack } from '../lib/monitoring-stack.ts'
import { NetworkStack } from '../lib/network-stack.ts'
import { NotificationStack } from '../lib/notification-stack.ts'
import { OperationsStack } from '../lib/operations-stack.ts'
import { PipelineRules } from '../lib/pipeline-rules.ts'
import { PipelineStack } from '../lib/pipeline-stack.ts'
import { expireProviderLogs } from '../lib/provider-logs.ts'
import { RunbookRules } from '../lib/runbook-rules.ts'
import { SearchStack } from '../lib/search-stack.ts'
import { readSettings, type Settings } from '../lib/settings.ts'

/** Builds Keeper's stacks in deployment order; each is passed what it needs from the earlier ones. */
export function keeper(app: App, settings: Settings = readSettings(app.node)) {
  const { stage, size, profile, existing, availabilityZones, runbookUrl, alarmEmail } = settings
  const { dealDomains, buyBox, historyYears, historyMonths, publicLinks, keepDays } = settings
  const { mailFrom, existingMailIdentity } = settings
  const stackName = (part: string) => `keeper-${stage}-${part}`
  const defaults = { stage, logs: profile.logs }

  const network = new NetworkStack(app, stackName('network'), { profile, existing, availabilityZones })
  const data = new DataStack(app, stackName('data'), {
    profile,
    network,
    existing,
    defaults,
    record: recordOf(settings),
    isRecorded: settings.deployed !== undefined,
    publicLinks,
  })
  const pipeline = new PipelineStack(app, stackName('pipeline'), {
    profile,
    network,
    data,
    defaults,
    dealDomains,
    buyBox,
    keepDays,
    historyYears,
    historyMonths,
  })
  const search =
    settings.search === 'on'
      ? new SearchStack(app, stackName('search'), {
          ...{ profile, network, data, defaults },
          isRecorded: settings.deployed !== undefined,
        })
      : undefined
  const notification = new NotificationStack(app, stackName('notification'), {
    profile,
    network,
    data,
    defaults,
    mailFrom,
    existingMailIdentity,
  })
  const operations = new OperationsStack(app, stackName('operations'), {
    network,
    data,
    pipeline,
    notification,
    search,
    defaults,
  })
  // The migrations make the database users of all.
  search?.addStackDependency(pipeline)
  notification.addStackDependency(pipeline)
  operations.addStackDependency(pipeline)
  const monitoring = new MonitoringStack(app, stackName('monitoring'), {
    monitored: [
      ...pipeline.monitored(),
      ...(search?.monitored() ?? []),
      ...notification.monitored(),
      ...data.monitored(),
    ],
    runbookUrl,
    alarmEmail,
  })

  for (const [key, value] of Object.entries({ project: 'keeper', stage, size })) Tags.of(app).add(key, value)
  expireProviderLogs(app, profile.logs)
  PipelineRules.apply(app)
  RunbookRules.apply(app)
  return { network, data, pipeline, search, operations, notification, monitoring }
}

/**
 * An app with the feature flags of cdk.json. The CDK's command line passes that file; `npm run local` starts this file
 * without the command line. The metadata, which the command line requests too, says which construct a resource belongs
 * to and where its bundle is.
 */
export const keeperApp = ({ context, ...props }: AppProps = {}): App =>
  new App({
    analyticsReporting: false,
    context: {
      ...featureFlags(),
      'aws:cdk:enable-path-metadata': true,
      'aws:cdk:enable-asset-metadata': true,
      ...context,
    },
    ...props,
  })

const featureFlags = (): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL('../cdk.json', import.meta.url), 'utf8')).context

/** The sentences of a refused setting or a broken rule, without a stack trace. */
export function refusalOf(error: unknown): string | undefined {
  if (error instanceof KeeperError) return error.message
  return error instanceof Error && error.name === 'ValidationFailedWithErrors' ? error.message : undefined
}

if (import.meta.main) {
  try {
    const app = keeperApp()
    keeper(app)
    app.synth()
  } catch (error) {
    const refusal = refusalOf(error)
    if (refusal === undefined) throw error
    console.error(refusal)
    // Exit now: otherwise the app would synthesize, and fail, again when the process ends.
    process.exit(1)
  }
}
