import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { IConstruct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { KeeperFunction } from '../functions/keeper-function.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { PostgresMonitoring, type PostgresMonitoringProps } from './postgres-monitoring.ts'

/** PostgreSQL's port, in the network's rules and in every DATABASE_URL. */
export const DATABASE_PORT = 5432

/** A function's database user, such as `keeper_price_consumer`, created by migrations/0002_roles.sql. */
export const databaseUserOf = (functionName: string): string => `keeper_${functionName.replaceAll('-', '_')}`

/** An address that accepts IAM sign-ins: the instance's or a proxy's. */
export interface SignIn {
  readonly host: string
  /** `db-...` of an instance, `prx-...` of a proxy: what `rds-db:connect` is granted on. */
  readonly resourceId: string
}

export interface PostgresProps extends PostgresMonitoringProps {
  readonly instance: SignIn
  /** The proxy to which functions connect instead of the instance; default: none. */
  readonly proxy?: SignIn & { readonly role: IGrantable }
  readonly databaseName: string
  /** Owns the tables; its `username` and `password` are in `masterSecret`. */
  readonly masterUser: string
  readonly masterSecret: ISecret
  /** The customer managed key that encrypts `masterSecret`; default: Secrets Manager's own key. */
  readonly masterSecretKeyArn?: string
}

/** An RDS for PostgreSQL instance, created by this app (PriceDatabase) or existing: its grants and its monitoring. */
export class Postgres implements Monitored {
  readonly title = 'database'
  /** `<host>:<port>` that functions connect to. */
  readonly endpoint: string
  /** `db-...`: of this instance and no other, whatever it is called. */
  readonly instanceId: string
  readonly masterSecret: ISecret

  readonly #scope: IConstruct
  readonly #props: PostgresProps
  readonly #monitoring: PostgresMonitoring

  constructor(scope: IConstruct, props: PostgresProps) {
    this.#scope = scope
    this.#props = props
    this.#monitoring = new PostgresMonitoring(props)
    this.endpoint = `${(props.proxy ?? props.instance).host}:${DATABASE_PORT}`
    this.instanceId = props.instance.resourceId
    this.masterSecret = props.masterSecret
  }

  /** Lets a function sign in as its own user, and sets its environment for that. */
  connect(handler: KeeperFunction): void {
    const user = databaseUserOf(handler.name)
    this.grantConnect(handler, user)
    for (const [name, value] of Object.entries(this.environmentFor(user))) handler.addEnvironment(name, value)
  }

  /** Lets a function sign in as `user` with an IAM token: `rds-db:connect` for that user alone. */
  grantConnect(grantee: IGrantable, user: string): void {
    const { instance, proxy } = this.#props
    this.#grantSignIn(grantee, proxy ?? instance, user)
    if (proxy) this.#grantSignIn(proxy.role, instance, user)
  }

  /** The environment of a function that connects as `user`; it also needs `grantConnect`. */
  environmentFor(user: string): Record<string, string> {
    return { ...this.#environment(user, this.endpoint), [ENVIRONMENT.databaseAuthentication]: 'iam' }
  }

  /** Lets the migrator sign in to the instance as the tables' owner: with a token, and at first with the password. */
  grantConnectAsOwner(grantee: IGrantable): void {
    const { instance, masterUser } = this.#props
    this.#grantSignIn(grantee, instance, masterUser)
    this.#grantReadMasterSecret(grantee)
  }

  /** The environment of a migrator that connects as the tables' owner; it also needs `grantConnectAsOwner`. */
  ownerEnvironment(): Record<string, string> {
    const { instance, masterUser, masterSecret } = this.#props
    return {
      ...this.#environment(masterUser, `${instance.host}:${DATABASE_PORT}`),
      [ENVIRONMENT.databaseAuthentication]: 'iam',
      [ENVIRONMENT.databaseSecretArn]: masterSecret.secretArn,
    }
  }

  alarms(): AlarmSpec[] {
    return this.#monitoring.alarms()
  }

  widgets(): IWidget[][] {
    return this.#monitoring.widgets()
  }

  overview(): OverviewMetrics {
    return this.#monitoring.overview()
  }

  /** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html */
  #grantSignIn(grantee: IGrantable, { resourceId }: SignIn, user: string): void {
    const arn = Stack.of(this.#scope).formatArn({
      service: 'rds-db',
      resource: 'dbuser',
      resourceName: `${resourceId}/${user}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    })
    Grant.addToPrincipal({ grantee, actions: ['rds-db:connect'], resourceArns: [arn] })
  }

  /** Lets the grantee read the secret, and decrypt it if it has its own key. */
  #grantReadMasterSecret(grantee: IGrantable): void {
    const { masterSecret, masterSecretKeyArn } = this.#props
    masterSecret.grantRead(grantee)
    if (!masterSecretKeyArn) return
    Grant.addToPrincipal({
      grantee,
      actions: ['kms:Decrypt'],
      resourceArns: [masterSecretKeyArn],
      conditions: {
        StringEquals: {
          'kms:ViaService': `secretsmanager.${Stack.of(this.#scope).region}.amazonaws.com`,
        },
      },
    })
  }

  #environment(user: string, endpoint: string): Record<string, string> {
    return {
      [ENVIRONMENT.databaseUrl]: `postgresql://${user}@${endpoint}/${this.#props.databaseName}`,
      // Since Node 20 the runtime trusts Amazon's own certificate authorities only if configured to:
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-certificates
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    }
  }
}
