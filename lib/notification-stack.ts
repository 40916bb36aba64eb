import { Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import type { SizeProfile } from './config.ts'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import { Notifier } from './constructs/functions/notifier.ts'
import type { Monitored } from './constructs/monitoring/monitored.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'
import { namePart, nameSchedules } from './part-names.ts'

export interface NotificationStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
  readonly data: DataStack
  readonly defaults: FunctionDefaults
}

/**
 * What reaches people. Apart from the pipeline, which ends in tables: nothing here is in the events' way, and a mistake in
 * it is deployed and rolled back without touching a consumer.
 */
export class NotificationStack extends Stack {
  readonly notifier: Notifier

  constructor(
    scope: Construct,
    id: string,
    { profile, network, data, defaults, ...props }: NotificationStackProps,
  ) {
    super(scope, id, props)
    this.notifier = new Notifier(this, 'notifier', {
      defaults,
      postgres: data.postgres,
      profile: profile.notifier,
      network: network.functions('notifier', {
        description: 'The function that tells people',
        reaches: ['internet', 'postgres'],
      }),
    })
    namePart(this, 'notifier', 'function', this.notifier.function.functionName)
    nameSchedules(this, this.notifier)
  }

  /** The monitored parts of this stack. */
  monitored(): Monitored[] {
    return [this.notifier]
  }
}
