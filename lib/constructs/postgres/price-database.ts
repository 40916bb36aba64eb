import { Fn, type RemovalPolicy, type Size, Stack, Validations } from 'aws-cdk-lib'
import { InstanceType, type ISecurityGroup, type IVpc, type SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import {
  CaCertificate,
  Credentials,
  DatabaseInsightsMode,
  DatabaseInstance,
  DatabaseInstanceEngine,
  DatabaseProxy,
  DefaultAuthScheme,
  EngineLifecycleSupport,
  ParameterGroup,
  PerformanceInsightRetention,
  PostgresEngineVersion,
  ProxyTarget,
  StorageType,
} from 'aws-cdk-lib/aws-rds'
import { Construct } from 'constructs'
import type { SizeProfile } from '../../config.ts'
import type { FunctionDefaults } from '../functions/keeper-function.ts'
import { DATABASE_LOGS, databaseLogGroups, instanceIdentifierIn } from './database-logs.ts'
import { DATABASE_PORT, Postgres } from './postgres.ts'

const DATABASE_NAME = 'keeper'
const MASTER_USER = 'keeper'

const VERSIONS = { 17: PostgresEngineVersion.VER_17, 18: PostgresEngineVersion.VER_18 }

export interface PriceDatabaseProps {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection
  readonly securityGroup: ISecurityGroup
  readonly profile: SizeProfile['database']
  readonly logs: FunctionDefaults['logs']
  /** More connections raise an alarm. */
  readonly mostConnections: number
  /** Less freeable memory raises an alarm. */
  readonly leastMemory: Size
  readonly removalPolicy: RemovalPolicy
  /** Whether RDS refuses to delete the instance, even for CloudFormation. */
  readonly isProtected: boolean
}

/** PostgreSQL on RDS: TLS only, functions sign in with IAM tokens, only the migrator with a password. */
export class PriceDatabase extends Construct {
  readonly postgres: Postgres

  constructor(scope: Construct, id: string, props: PriceDatabaseProps) {
    super(scope, id)
    const { vpc, securityGroup, profile } = props
    // Only the major version: RDS upgrades the minor one, and the template must not conflict with it.
    const engine = DatabaseInstanceEngine.postgres({ version: VERSIONS[profile.version] })

    const instanceIdentifier = instanceIdentifierIn(Stack.of(this))
    const logGroups = databaseLogGroups(this, instanceIdentifier, props.logs)

    const instance = new DatabaseInstance(this, 'instance', {
      engine,
      instanceIdentifier,
      cloudwatchLogsExports: DATABASE_LOGS,
      // No extended support, which is charged per vCPU: when the community ends a major version, RDS upgrades the
      // instance, unless that has been done before (docs/deploy.md, Updating).
      engineLifecycleSupport: EngineLifecycleSupport.OPEN_SOURCE_RDS_EXTENDED_SUPPORT_DISABLED,
      // RDS generates the password, stores it in Secrets Manager and rotates it every seven days.
      credentials: Credentials.fromUsername(MASTER_USER),
      manageMasterUserPassword: true,
      databaseName: DATABASE_NAME,
      port: DATABASE_PORT,
      instanceType: new InstanceType(profile.instanceType),
      storageType: StorageType.GP3,
      allocatedStorage: profile.storage.initial.toGibibytes(),
      maxAllocatedStorage: profile.storage.maximum.toGibibytes(),
      storageEncrypted: true,
      multiAz: profile.multiAz,
      backupRetention: profile.backupRetention,
      copyTagsToSnapshot: true,
      deletionProtection: props.isProtected,
      vpc,
      vpcSubnets: props.subnets,
      publiclyAccessible: false,
      securityGroups: [securityGroup],
      iamAuthentication: true,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      autoMinorVersionUpgrade: true,
      // A newer `version` of the profile is somebody's decision; without this RDS refuses it.
      allowMajorVersionUpgrade: true,
      enablePerformanceInsights: true,
      ...INSIGHTS[profile.insights],
      parameterGroup: new ParameterGroup(this, 'parameters', { engine, parameters: PARAMETERS }),
      removalPolicy: props.removalPolicy,
    })
    instance.node.addDependency(...logGroups)

    acknowledgeChoices(instance, props)
    const { secret, instanceResourceId } = instance
    if (!secret || !instanceResourceId) {
      throw new Error(
        'The instance has no secret or resource id: PriceDatabase needs a password that RDS manages.',
      )
    }
    this.postgres = new Postgres(this, {
      instance: { host: instance.dbInstanceEndpointAddress, resourceId: instanceResourceId },
      proxy: profile.proxy ? this.#proxy(instance, props) : undefined,
      instanceIdentifier: instance.instanceIdentifier,
      databaseName: DATABASE_NAME,
      masterUser: MASTER_USER,
      masterSecret: secret,
      storage: profile.storage.initial,
      mostConnections: props.mostConnections,
      leastMemory: props.leastMemory,
      burstable: profile.instanceType.startsWith('t'),
    })
  }

  /** The proxy accepts only IAM sign-ins and signs in with IAM itself, so there is still no password. */
  #proxy(instance: DatabaseInstance, { vpc, subnets, securityGroup }: PriceDatabaseProps) {
    const role = new Role(this, 'proxy-role', { assumedBy: new ServicePrincipal('rds.amazonaws.com') })
    const proxy = new DatabaseProxy(this, 'proxy', {
      role,
      // Imported, because the proxy would change the security groups, whose rules belong to the network stack.
      proxyTarget: ProxyTarget.fromInstance(
        DatabaseInstance.fromDatabaseInstanceAttributes(this, 'proxied', {
          instanceIdentifier: instance.instanceIdentifier,
          instanceEndpointAddress: instance.dbInstanceEndpointAddress,
          port: DATABASE_PORT,
          securityGroups: [],
          engine: instance.engine,
        }),
      ),
      defaultAuthScheme: DefaultAuthScheme.IAM_AUTH,
      iamAuth: true,
      requireTLS: true,
      vpc,
      vpcSubnets: subnets,
      securityGroups: [securityGroup],
    })
    // arn:<partition>:rds:<region>:<account>:db-proxy:prx-...
    return { host: proxy.endpoint, resourceId: Fn.select(6, Fn.split(':', proxy.dbProxyArn)), role }
  }
}

/** What a profile leaves out on purpose, for reviewers of the templates. */
function acknowledgeChoices(instance: DatabaseInstance, { profile, isProtected }: PriceDatabaseProps): void {
  const acknowledge = (id: string, reason: string) =>
    Validations.of(instance).acknowledge({ id: `AwsSolutions-${id}`, reason })
  acknowledge('RDS11', 'PostgreSQL’s own port, which three security groups reach and no address does.')
  if (!profile.multiAz) acknowledge('RDS3', 'A stage of one engineer, who can wait for a restored backup.')
  if (!isProtected) {
    acknowledge(
      'RDS10',
      'A stage of one engineer, who deletes it, or a first deployment, which must be able to fail: then CloudFormation deletes what it made.',
    )
  }
}

/** The advanced mode requires 15 months: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DatabaseInsights.html */
const INSIGHTS = {
  standard: {
    databaseInsightsMode: DatabaseInsightsMode.STANDARD,
    performanceInsightRetention: PerformanceInsightRetention.DEFAULT,
  },
  advanced: {
    databaseInsightsMode: DatabaseInsightsMode.ADVANCED,
    performanceInsightRetention: PerformanceInsightRetention.MONTHS_15,
  },
}

/** What differs from RDS's defaults. */
const PARAMETERS = {
  'rds.force_ssl': '1',
  timezone: 'UTC',
  // Statements that take longer, in milliseconds, are logged.
  log_min_duration_statement: '1000',
  // In MB. After each checkpoint, the first change of a page writes the whole page to the log. A large history has many
  // pages, and with Postgres’s default of 1 GB a backlog would cause a checkpoint every minute.
  max_wal_size: '4096',
}
