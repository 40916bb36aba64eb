import { ArnFormat, Stack } from 'aws-cdk-lib'
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { IConstruct } from 'constructs'
import { ENVIRONMENT } from '../../../lambdas/core/environment.ts'
import type { KeeperFunction } from '../functions/keeper-function.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { PostgresMonitoring, type PostgresMonitoringProps } from './postgres-monitoring.ts'

/** PostgreSQL's port, in the network's rules and in every DATABASE_URL. */
export const DATABASE_PORT = 5432

/** The database user of a function: `keeper_price_consumer`, made by migrations/0002_roles.sql. */
export const databaseUserOf = (functionName: string): string => `keeper_${functionName.replaceAll('-', '_')}`

/** One address that takes IAM sign-ins: the instance's own or a proxy's. */
export interface SignIn {
  readonly host: string
  /** `db-...` of an instance, `prx-...` of a proxy: what `rds-db:connect` is granted on. */
  readonly resourceId: string
}

export interface PostgresProps extends PostgresMonitoringProps {
  readonly instance: SignIn
  /** Where functions connect to, and who signs in to the instance in their place; the instance unless given. */
  readonly proxy?: SignIn & { readonly role: IGrantable }
  readonly databaseName: string
  /** Owns the tables; its `username` and `password` are in `masterSecret`. */
  readonly masterUser: string
  readonly masterSecret: ISecret
  /** The customer managed key that `masterSecret` is encrypted with; Secrets Manager's own key unless given. */
  readonly masterSecretKeyArn?: string
}

/** An RDS for PostgreSQL instance, made by this app (PriceDatabase) or there already: who may use it, how it does. */
export class Postgres implements Monitored {
  readonly title = 'database'
  /** `<host>:<port>` that functions connect to. */
  readonly endpoint: string
  readonly masterSecret: ISecret

  readonly #scope: IConstruct
  readonly #props: PostgresProps
  readonly #monitoring: PostgresMonitoring

  constructor(scope: IConstruct, props: PostgresProps) {
    this.#scope = scope
    this.#props = props
    this.#monitoring = new PostgresMonitoring(props)
    this.endpoint = `${(props.proxy ?? props.instance).host}:${DATABASE_PORT}`
    this.masterSecret = props.masterSecret
  }

  /** Lets a function sign in as a user of its own, and tells it how. */
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

  /** What a function must know to connect as `user`, which it also needs `grantConnect` for. */
  environmentFor(user: string): Record<string, string> {
    return { ...this.#environment(user, this.endpoint), [ENVIRONMENT.databaseAuthentication]: 'iam' }
  }

  /** Lets the migrator sign in to the instance as the tables' owner: by a token, and at first by the password. */
  grantConnectAsOwner(grantee: IGrantable): void {
    const { instance, masterUser } = this.#props
    this.#grantSignIn(grantee, instance, masterUser)
    this.#grantReadMasterSecret(grantee)
  }

  /** What the migrator must know to connect as the tables' owner, which it also needs `grantConnectAsOwner` for. */
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

  /** Read it, and decrypt it where it has a key of its own. */
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
      // Since Node 20 the runtime trusts Amazon's own certificate authorities only when told to:
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-certificates
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    }
  }
}
