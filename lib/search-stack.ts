import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import type { Construct } from 'constructs'
import * as TOPICS from '../lambdas/core/topics.ts'
import type { SizeProfile } from './config.ts'
import type { FunctionDefaults } from './constructs/functions/keeper-function.ts'
import type { Monitored } from './constructs/monitoring/monitored.ts'
import { SearchAccess } from './constructs/search/search-access.ts'
import { SearchDomain } from './constructs/search/search-domain.ts'
import { SearchIndexer } from './constructs/search/search-indexer.ts'
import type { DataStack } from './data-stack.ts'
import type { NetworkStack } from './network-stack.ts'

export interface SearchStackProps extends StackProps {
  readonly profile: SizeProfile
  readonly network: NetworkStack
  readonly data: DataStack
  readonly defaults: FunctionDefaults
  /** Whether the stage has been deployed and recorded: only then is it protected, as the data stack is. */
  readonly isRecorded: boolean
}

/** Deals that can be searched: OpenSearch, and the consumer that writes them. Nothing else needs this stack. */
export class SearchStack extends Stack {
  readonly domain: SearchDomain
  readonly access: SearchAccess
  readonly indexer: SearchIndexer

  constructor(
    scope: Construct,
    id: string,
    { profile, network, data, defaults, isRecorded, ...props }: SearchStackProps,
  ) {
    super(scope, id, { ...props, terminationProtection: profile.protectData && isRecorded })
    this.access = new SearchAccess(this, 'search-access', {
      defaults,
      network: network.functions('search-access', {
        description: 'The function that opens the indices of deals',
        reaches: ['search'],
      }),
    })
    this.domain = new SearchDomain(this, 'search', {
      vpc: network.vpc,
      subnets: network.isolated,
      securityGroup: network.search,
      profile: profile.search,
      logs: defaults.logs,
      removalPolicy: profile.protectData ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      master: this.access.function.executionRole,
    })
    this.indexer = new SearchIndexer(this, 'search-indexer', {
      defaults,
      description: 'Writes deals into the index that is searched',
      kafka: data.kafka,
      postgres: data.postgres,
      domain: this.domain,
      topic: TOPICS.deals,
      profiles: profile.consumers,
      mostLag: profile.alarms.consumerLag,
      network: network.functions('search-indexer', {
        description: 'The function that writes deals into the index',
        reaches: ['postgres', 'search'],
      }),
    })
    this.access.open(this.domain, this.indexer)
    new CfnOutput(this, 'SearchEndpoint', { value: this.domain.endpoint })
  }

  /** The monitored parts of this stack. */
  monitored(): Monitored[] {
    return [this.indexer, this.domain]
  }
}
