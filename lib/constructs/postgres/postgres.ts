import { ArnFormat, Duration, Size, Stack } from 'aws-cdk-lib'
import {
  ComparisonOperator,
  GraphWidget,
  type IWidget,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import type { IConstruct } from 'constructs'
import { ENVIRONMENT } from '../../../lambdas/core/environment.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'

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

export interface PostgresProps {
  readonly instance: SignIn
  /** Where functions connect to, and who signs in to the instance in their place; the instance unless given. */
  readonly proxy?: SignIn & { readonly role: IGrantable }
  readonly instanceIdentifier: string
  readonly databaseName: string
  /** Owns the tables; its `username` and `password` are in `masterSecret`. */
  readonly masterUser: string
  readonly masterSecret: ISecret
  /** The disk's size at first, which the alarm for too little of it is measured by. */
  readonly storage: Size
  /** More connections than this are an alarm. */
  readonly mostConnections: number
}

/** An RDS for PostgreSQL instance, made by this app (PriceDatabase) or there already: who may use it, how it does. */
export class Postgres implements Monitored {
  readonly title = 'database'
  /** `<host>:<port>` that functions connect to. */
  readonly endpoint: string
  readonly masterSecret: ISecret

  readonly #scope: IConstruct
  readonly #props: PostgresProps

  constructor(scope: IConstruct, props: PostgresProps) {
    this.#scope = scope
    this.#props = props
    this.endpoint = `${(props.proxy ?? props.instance).host}:${DATABASE_PORT}`
    this.masterSecret = props.masterSecret
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
    const { instance, masterUser, masterSecret } = this.#props
    this.#grantSignIn(grantee, instance, masterUser)
    masterSecret.grantRead(grantee)
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
    const { storage, mostConnections } = this.#props
    const leastFree = Size.gibibytes(Math.max(2, Math.floor(storage.toGibibytes() / 10)))
    return [
      {
        id: 'database-cpu',
        runbook: 'database-cpu',
        sentence: 'The database has used more than 80 % of its CPU for 15 minutes.',
        metric: this.#metric('CPUUtilization', 'Average'),
        threshold: 80,
        periods: 3,
        missing: TreatMissingData.MISSING,
      },
      {
        id: 'database-storage',
        runbook: 'database-storage',
        sentence: `The database has less than ${leastFree.toGibibytes()} GiB of free disk, although the disk grows by itself.`,
        metric: this.#metric('FreeStorageSpace', 'Minimum'),
        threshold: leastFree.toBytes(),
        comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
        periods: 3,
        missing: TreatMissingData.MISSING,
      },
      {
        id: 'database-connections',
        runbook: 'database-connections',
        sentence: `The database has more than ${mostConnections} connections.`,
        metric: this.#metric('DatabaseConnections', 'Maximum'),
        threshold: mostConnections,
        periods: 3,
        missing: TreatMissingData.MISSING,
      },
    ]
  }

  widgets(): IWidget[][] {
    const graph = (title: string, ...left: Metric[]) => new GraphWidget({ title, width: 12, left })
    return [
      [
        graph('CPU, percent', this.#metric('CPUUtilization', 'Average')),
        graph('Connections', this.#metric('DatabaseConnections', 'Maximum')),
      ],
      [
        graph('Free storage, bytes', this.#metric('FreeStorageSpace', 'Minimum')),
        graph(
          'Seconds a read or write takes',
          this.#metric('ReadLatency', 'Average'),
          this.#metric('WriteLatency', 'Average'),
        ),
      ],
    ]
  }

  overview(): OverviewMetrics {
    return { cost: [this.#metric('WriteIOPS', 'Average')] }
  }

  #metric(metricName: string, statistic: string): Metric {
    return new Metric({
      namespace: 'AWS/RDS',
      metricName,
      dimensionsMap: { DBInstanceIdentifier: this.#props.instanceIdentifier },
      statistic,
      period: Duration.minutes(5),
    })
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

  #environment(user: string, endpoint: string): Record<string, string> {
    return {
      [ENVIRONMENT.databaseUrl]: `postgresql://${user}@${endpoint}/${this.#props.databaseName}`,
      // Since Node 20 the runtime trusts Amazon's own certificate authorities only when told to:
      // https://docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html#nodejs-certificates
      NODE_EXTRA_CA_CERTS: '/var/runtime/ca-cert.pem',
    }
  }
}
