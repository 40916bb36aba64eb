import { Duration, Size } from 'aws-cdk-lib'
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import type { Postgres } from '../postgres/postgres.ts'
import { type FunctionDefaults, type FunctionNetwork, KeeperFunction } from './keeper-function.ts'

/** A page takes some milliseconds, so this many at once serve hundreds of people a second, and no flood more than that. */
export const LINKS_CONCURRENCY = 5

export interface LinksProps {
  readonly defaults: FunctionDefaults
  readonly postgres: Postgres
  readonly network: FunctionNetwork
  /** The secret of the keys that sign links. */
  readonly keys: ISecret
}

/** The one public address: the page on which people leave, pause and come back. Whoever has a signed link may use it. */
export class Links extends Construct implements Monitored {
  readonly title = 'links'
  readonly function: KeeperFunction
  readonly url: FunctionUrl

  readonly #keys: ISecret

  constructor(scope: Construct, id: string, { defaults, postgres, network, keys }: LinksProps) {
    super(scope, id)
    this.#keys = keys
    this.function = new KeeperFunction(this, id, {
      defaults,
      source: 'links',
      description: 'The public page on which people leave, pause and come back',
      // A mail program that waits longer for its one click gives up: https://www.rfc-editor.org/rfc/rfc8058
      timeout: Duration.seconds(15),
      memory: Size.mebibytes(256),
      network,
      environment: { [ENVIRONMENT.linkKeysSecretArn]: keys.secretArn },
      reservedConcurrency: LINKS_CONCURRENCY,
    })
    postgres.connect(this.function)
    keys.grantRead(this.function)
    // The CDK adds both permissions that such an address needs, lambda:InvokeFunctionUrl and lambda:InvokeFunction:
    // https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html
    this.url = this.function.addFunctionUrl({ authType: FunctionUrlAuthType.NONE })
  }

  /** Lets a function put links into messages. */
  offerTo(sender: KeeperFunction): void {
    sender.addEnvironment(ENVIRONMENT.linksUrl, this.url.url)
    sender.addEnvironment(ENVIRONMENT.linkKeysSecretArn, this.#keys.secretArn)
    this.#keys.grantRead(sender)
  }

  alarms(): AlarmSpec[] {
    return this.function.runAlarms()
  }

  widgets(): IWidget[][] {
    return [this.function.runWidgets()]
  }

  overview(): OverviewMetrics {
    return { cost: [this.function.gigabyteSeconds()] }
  }
}
