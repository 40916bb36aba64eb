import { Duration, type RemovalPolicy, type Size } from 'aws-cdk-lib'
import { GraphWidget, type IMetric, type IWidget, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import type { Role } from 'aws-cdk-lib/aws-iam'
import {
  Architecture,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  Tracing,
} from 'aws-cdk-lib/aws-lambda'
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import {
  METRIC_DIMENSIONS,
  METRIC_NAMESPACE,
  METRICS,
  type MetricName,
} from '../../../lambdas/core/metrics.ts'
import type { AlarmSpec } from '../monitoring/monitored.ts'
import { bundleOf } from './bundle.ts'
import { executionRole } from './execution-role.ts'
import { runAlarms } from './run-alarms.ts'

/** Where a function runs and what its network interfaces may reach. */
export interface FunctionNetwork {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection
  readonly securityGroup: ISecurityGroup
}

/** What all functions of a deployment share. */
export interface FunctionDefaults {
  /** A dimension of its metrics. */
  readonly stage: string
  readonly logs: { readonly retention: RetentionDays; readonly removalPolicy: RemovalPolicy }
}

export interface KeeperFunctionProps {
  readonly defaults: FunctionDefaults
  /** The folder below lambdas/ whose handler.ts exports `handler`. */
  readonly source: string
  readonly description: string
  readonly timeout: Duration
  readonly memory: Size
  /** Where it runs; default: outside any VPC. */
  readonly network?: FunctionNetwork
  readonly environment?: Readonly<Record<string, string>>
  readonly reservedConcurrency?: number
  /** A folder of the project that is copied into the bundle, beside index.mjs and under its own name. */
  readonly folder?: string
}

/**
 * The base of every function of Keeper. Its construct id is its name in logs, in metrics and in KEEPER_FUNCTION.
 */
export class KeeperFunction extends LambdaFunction {
  /** Everything granted to the function is in this role's policy. */
  readonly executionRole: Role

  /** Its construct id. */
  readonly name: string

  readonly #stage: string
  readonly #seconds: number
  readonly #megabytes: number

  constructor(scope: Construct, id: string, props: KeeperFunctionProps) {
    const { stage, logs } = props.defaults
    const logGroup = new LogGroup(scope, `${id}-logs`, logs)
    const role = executionRole(scope, `${id}-role`, { logGroup, insideVpc: props.network !== undefined })
    super(scope, id, {
      description: props.description,
      code: bundleOf(props.source, props.folder),
      handler: 'index.handler',
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      timeout: props.timeout,
      memorySize: props.memory.toMebibytes(),
      reservedConcurrentExecutions: props.reservedConcurrency,
      environment: {
        ...props.environment,
        [ENVIRONMENT.functionName]: id,
        [ENVIRONMENT.stage]: stage,
      },
      loggingFormat: LoggingFormat.JSON,
      logGroup,
      tracing: Tracing.ACTIVE,
      role,
      ...(props.network && {
        vpc: props.network.vpc,
        vpcSubnets: props.network.subnets,
        securityGroups: [props.network.securityGroup],
      }),
    })
    this.executionRole = role
    this.name = id
    this.#stage = stage
    this.#seconds = props.timeout.toSeconds()
    this.#megabytes = props.memory.toMebibytes()
  }

  /** A metric that the function's own code emits; summed by default. */
  countOf(metric: keyof typeof METRICS, { statistic = 'Sum', period = Duration.minutes(5) } = {}): Metric {
    const metricName: MetricName = METRICS[metric]
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: {
        [METRIC_DIMENSIONS.stage]: this.#stage,
        [METRIC_DIMENSIONS.function]: this.name,
      },
      statistic,
      period,
      label: `${this.name} ${metricName}`,
    })
  }

  /** What Lambda charges for: memory times time, in gigabyte-seconds. */
  gigabyteSeconds(): IMetric {
    // Variables in all graphs of a widget share a namespace.
    const duration = `${this.name.replaceAll('-', '_')}_duration`
    return new MathExpression({
      expression: `${duration} / 1000 * ${this.#megabytes} / 1024`,
      usingMetrics: { [duration]: this.metricDuration({ statistic: 'Sum' }) },
      label: `${this.name} GB-seconds`,
    })
  }

  /**
   * Alarms on errors, throttles, and runs close to the timeout.
   * @param nearTimeoutSeconds the duration from which a run is close to its timeout; most of the timeout by default
   */
  runAlarms({ nearTimeoutSeconds }: { readonly nearTimeoutSeconds?: number } = {}): AlarmSpec[] {
    return runAlarms(this, { timeoutSeconds: this.#seconds, nearTimeoutSeconds })
  }

  /** Widgets on errors, throttles and the duration of runs. */
  runWidgets(): IWidget[] {
    return [
      new GraphWidget({
        title: `${this.name}: errors, throttles`,
        width: 12,
        left: [this.metricErrors(), this.metricThrottles()],
        right: [this.metricInvocations()],
      }),
      new GraphWidget({
        title: `${this.name}: duration, ms`,
        width: 12,
        left: [this.metricDuration({ statistic: 'Maximum' }), this.metricDuration({ statistic: 'p50' })],
      }),
    ]
  }
}
