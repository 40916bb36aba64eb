import { type Duration, RemovalPolicy, type Size } from 'aws-cdk-lib'
import { GraphWidget, type IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { InstanceType, type ISecurityGroup, type IVpc, SubnetType } from 'aws-cdk-lib/aws-ec2'
import type { IGrantable } from 'aws-cdk-lib/aws-iam'
import {
  CaCertificate,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  ParameterGroup,
  PostgresEngineVersion,
} from 'aws-cdk-lib/aws-rds'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import { ENVIRONMENT } from '../../lambdas/core/environment.ts'

/** PostgreSQL's port, in the network's rules and in every DATABASE_URL. */
export const DATABASE_PORT = 5432

const DATABASE_NAME = 'keeper'
const MASTER_USER = 'keeper'

/** The database user of a function: `keeper_price_consumer`, made by migrations/0002_roles.sql. */
export const databaseUserOf = (functionName: string): string => `keeper_${functionName.replaceAll('-', '_')}`

export interface PriceDatabaseProps {
  readonly vpc: IVpc
  readonly securityGroup: ISecurityGroup
  /** An EC2 instance type, `t4g.medium`. */
  readonly instanceType: string
  readonly storage: Size
  /** A standby in a second availability zone. */
  readonly multiAz: boolean
  readonly backupRetention: Duration
}

/** PostgreSQL on RDS: TLS only, functions sign in with IAM tokens, only the migrator with a password. */
export class PriceDatabase extends Construct {
  /** `<host>:<port>`. */
  readonly endpoint: string
  /** `username` and `password` of the user that owns the tables. */
  readonly masterSecret: ISecret

  readonly #instance: DatabaseInstance

  constructor(scope: Construct, id: string, props: PriceDatabaseProps) {
    super(scope, id)
    // The major version alone: RDS keeps the minor one current, and the template does not argue with it.
    const engine = DatabaseInstanceEngine.postgres({ version: PostgresEngineVersion.VER_18 })
    const credentials = Credentials.fromGeneratedSecret(MASTER_USER)

    this.#instance = new DatabaseInstance(this, 'instance', {
      engine,
      credentials,
      databaseName: DATABASE_NAME,
      port: DATABASE_PORT,
      instanceType: new InstanceType(props.instanceType),
      allocatedStorage: props.storage.toGibibytes(),
      storageEncrypted: true,
      multiAz: props.multiAz,
      backupRetention: props.backupRetention,
      vpc: props.vpc,
      vpcSubnets: { subnetType: SubnetType.PRIVATE_ISOLATED },
      securityGroups: [props.securityGroup],
      iamAuthentication: true,
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      parameterGroup: new ParameterGroup(this, 'parameters', {
        engine,
        parameters: { 'rds.force_ssl': '1' },
      }),
      removalPolicy: RemovalPolicy.SNAPSHOT,
    })

    const { secret } = this.#instance
    if (!secret) throw new Error('RDS generated no master secret: give PriceDatabase generated credentials.')
    this.masterSecret = secret
    this.endpoint = `${this.#instance.dbInstanceEndpointAddress}:${DATABASE_PORT}`
  }

  /** Lets a function sign in as `user` with an IAM token: `rds-db:connect` for that user alone. */
  grantConnect(grantee: IGrantable, user: string): void {
    this.#instance.grantConnect(grantee, user)
  }

  /** What a function must know to connect as `user`, which it also needs `grantConnect` for. */
  environmentFor(user: string): Record<string, string> {
    return { ...this.#environment(user), [ENVIRONMENT.databaseAuthentication]: 'iam' }
  }

  /** What the migrator must know to connect as the tables' owner; it also needs to read `masterSecret`. */
  masterEnvironment(): Record<string, string> {
    return {
      ...this.#environment(MASTER_USER),
      [ENVIRONMENT.databaseAuthentication]: 'secret',
      [ENVIRONMENT.databaseSecretArn]: this.masterSecret.secretArn,
    }
  }

  /** The database's row on the dashboard. */
  widgets(): IWidget[] {
    return [
      new GraphWidget({
        title: 'Database: CPU, percent',
        width: 8,
        left: [this.#instance.metricCPUUtilization()],
      }),
      new GraphWidget({
        title: 'Database: connections',
        width: 8,
        left: [this.#instance.metricDatabaseConnections({ statistic: 'Maximum' })],
      }),
      new GraphWidget({
        title: 'Database: free storage, bytes',
        width: 8,
        left: [this.#instance.metricFreeStorageSpace({ statistic: 'Minimum' })],
      }),
    ]
  }

  #environment(user: string): Record<string, string> {
    return {
      [ENVIRONMENT.databaseUrl]: `postgresql://${user}@${this.endpoint}/${DATABASE_NAME}`,
      // Since Node 20 the runtime trusts Amazon's own certificate authorities only when told to:
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-certificates
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    }
  }
}
