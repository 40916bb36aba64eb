import { join } from 'node:path'
import type { Duration, Size } from 'aws-cdk-lib'
import { GraphWidget, type IWidget, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import { Architecture, LoggingFormat, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogLevel, NodejsFunction, OutputFormat, SourceMapMode } from 'aws-cdk-lib/aws-lambda-nodejs'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import { ENVIRONMENT } from '../../lambdas/core/environment.ts'
import { METRIC_DIMENSION, METRIC_NAMESPACE, METRICS, type MetricName } from '../../lambdas/core/metrics.ts'

const PROJECT_ROOT = join(import.meta.dirname, '..', '..')

/** pg and kafkajs are CommonJS: inside an ES module their `require` calls need one. */
const REQUIRE_BANNER =
  "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);"

/** Where a function runs and what its network interfaces may reach. */
export interface FunctionNetwork {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
}

export interface KeeperFunctionProps {
  /** The folder below lambdas/ whose handler.ts exports `handler`. */
  readonly source: string
  readonly description: string
  readonly timeout: Duration
  readonly memory: Size
  readonly logRetention: RetentionDays
  /** Where it runs; outside any VPC unless given. */
  readonly network?: FunctionNetwork
  readonly environment?: Readonly<Record<string, string>>
  /** A folder of the project that is copied into the bundle, beside index.mjs and under its own name. */
  readonly folder?: string
}

/**
 * A function of Keeper: what all of them have in common. Its construct id is its name: in logs, in metrics and as
 * KEEPER_FUNCTION in its environment.
 */
export class KeeperFunction extends NodejsFunction {
  readonly #name: string

  constructor(scope: Construct, id: string, props: KeeperFunctionProps) {
    super(scope, id, {
      description: props.description,
      projectRoot: PROJECT_ROOT,
      depsLockFilePath: join(PROJECT_ROOT, 'package-lock.json'),
      entry: join(PROJECT_ROOT, 'lambdas', props.source, 'handler.ts'),
      handler: 'handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memory.toMebibytes(),
      environment: { ...props.environment, [ENVIRONMENT.functionName]: id },
      loggingFormat: LoggingFormat.JSON,
      logGroup: new LogGroup(scope, `${id}-logs`, { retention: props.logRetention }),
      ...(props.network && {
        vpc: props.network.vpc,
        vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        securityGroups: [props.network.securityGroup],
      }),
      bundling: {
        format: OutputFormat.ESM,
        minify: true,
        // Beside the bundle but not linked from it: stack traces can be decoded, cold starts do not load it.
        sourceMap: true,
        sourceMapMode: SourceMapMode.EXTERNAL,
        sourcesContent: false,
        banner: REQUIRE_BANNER,
        // The version that the lock file names, not the runtime's of that day.
        bundleAwsSDK: true,
        mainFields: ['module', 'main'],
        // pg's variant on libpq, `require('./native')`: it is only loaded when asked for, and nothing here asks.
        externalModules: ['pg-native', '*/native'],
        logLevel: LogLevel.WARNING,
        ...(props.folder && { commandHooks: copyFolder(join(PROJECT_ROOT, props.folder)) }),
      },
    })
    this.#name = id
  }

  /** One of the metrics that the function's own code emits, summed. */
  countOf(metric: keyof typeof METRICS): Metric {
    const metricName: MetricName = METRICS[metric]
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { [METRIC_DIMENSION]: this.#name },
      statistic: 'Sum',
      label: metricName,
    })
  }

  /** How it runs: errors and the longest run of each period. */
  runWidget(width: number): IWidget {
    return new GraphWidget({
      title: `${this.#name}: errors, duration`,
      width,
      left: [this.metricErrors()],
      right: [this.metricDuration({ statistic: 'Maximum' })],
    })
  }
}

const copyFolder = (folder: string) => ({
  beforeBundling: () => [],
  beforeInstall: () => [],
  afterBundling: (_input: string, output: string) => [`cp -R "${folder}" "${output}"`],
})
