import { type RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import type { IWidget } from 'aws-cdk-lib/aws-cloudwatch'
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2'
import {
  AccountRootPrincipal,
  Grant,
  type IRole,
  PolicyDocument,
  PolicyStatement,
  ServicePrincipal,
} from 'aws-cdk-lib/aws-iam'
import { LogGroup, ResourcePolicy } from 'aws-cdk-lib/aws-logs'
import { CfnDomain } from 'aws-cdk-lib/aws-opensearchservice'
import { Construct } from 'constructs'
import * as ENVIRONMENT from '../../../lambdas/core/environment-names.ts'
import type { SizeProfile } from '../../config.ts'
import type { FunctionDefaults, KeeperFunction } from '../functions/keeper-function.ts'
import type { AlarmSpec, Monitored, OverviewMetrics } from '../monitoring/monitored.ts'
import { shownByNag } from '../shown-by-nag.ts'
import { SearchMonitoring } from './search-monitoring.ts'

/** The domain's logs by type: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/createdomain-configure-slow-logs.html */
const LOGS = {
  ES_APPLICATION_LOGS: 'errors',
  SEARCH_SLOW_LOGS: 'slow-searches',
  INDEX_SLOW_LOGS: 'slow-indexing',
} as const

/** Requests that a function sends, as IAM names them: a method, and a path of the domain that may end with `*`. */
export type SearchCall = readonly [method: 'Get' | 'Head' | 'Post' | 'Put' | 'Delete', path: string]

export interface SearchDomainProps {
  readonly vpc: IVpc
  readonly subnets: SubnetSelection
  readonly securityGroup: ISecurityGroup
  readonly profile: SizeProfile['search']
  readonly logs: FunctionDefaults['logs']
  readonly removalPolicy: RemovalPolicy
  /** Who writes the roles of the domain's own security: no user has a password. */
  readonly master: IRole
}

/**
 * OpenSearch inside the network: HTTPS only, encrypted on its disks and between its nodes. IAM says which function may
 * send which request; the domain's own security keeps all of them to the indices of deals (lambdas/search-access).
 */
export class SearchDomain extends Construct implements Monitored {
  readonly title = 'search'
  readonly endpoint: string

  readonly #arn: string
  readonly #monitoring: SearchMonitoring

  constructor(scope: Construct, id: string, props: SearchDomainProps) {
    super(scope, id)
    const { profile } = props
    const logGroups = Object.entries(LOGS).map(
      ([type, name]) => [type, new LogGroup(this, `${name}-logs`, props.logs)] as const,
    )
    const mayLog = new ResourcePolicy(this, 'logging', {
      policyStatements: logGroups.map(([, { logGroupArn }]) => this.#logging(logGroupArn)),
    })
    const { subnetIds } = props.vpc.selectSubnets(props.subnets)
    const domain = new CfnDomain(this, 'domain', {
      engineVersion: profile.version,
      clusterConfig: {
        instanceType: profile.instanceType,
        instanceCount: profile.nodes,
        zoneAwarenessEnabled: profile.nodes > 1,
        ...(profile.nodes > 1 && { zoneAwarenessConfig: { availabilityZoneCount: profile.nodes } }),
      },
      ebsOptions: { ebsEnabled: true, volumeType: 'gp3', volumeSize: profile.storage.toGibibytes() },
      vpcOptions: {
        subnetIds: subnetIds.slice(0, profile.nodes),
        securityGroupIds: [props.securityGroup.securityGroupId],
      },
      encryptionAtRestOptions: { enabled: true },
      nodeToNodeEncryptionOptions: { enabled: true },
      domainEndpointOptions: { enforceHttps: true, tlsSecurityPolicy: 'Policy-Min-TLS-1-2-PFS-2023-10' },
      advancedSecurityOptions: {
        enabled: true,
        internalUserDatabaseEnabled: false,
        masterUserOptions: { masterUserArn: props.master.roleArn },
      },
      accessPolicies: new PolicyDocument({
        statements: [
          // For this account alone, whose policies then say who: a domain cannot name itself here.
          new PolicyStatement({
            principals: [new AccountRootPrincipal()],
            actions: ['es:ESHttp*'],
            resources: ['*'],
          }),
        ],
      }),
      logPublishingOptions: Object.fromEntries(
        logGroups.map(([type, { logGroupArn }]) => [
          type,
          { enabled: true, cloudWatchLogsLogGroupArn: logGroupArn },
        ]),
      ),
      softwareUpdateOptions: { autoSoftwareUpdateEnabled: true },
      offPeakWindowOptions: { enabled: true },
    })
    // Without it a newer version would replace the domain:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-updatepolicy.html (EnableVersionUpgrade)
    domain.cfnOptions.updatePolicy = { enableVersionUpgrade: true }
    domain.node.addDependency(mayLog)
    domain.applyRemovalPolicy(props.removalPolicy)
    acknowledgeChoices(domain, profile.nodes)
    this.endpoint = `https://${domain.attrDomainEndpoint}`
    this.#arn = domain.attrArn
    this.#monitoring = new SearchMonitoring({
      domainName: domain.ref,
      account: Stack.of(this).account,
      storage: profile.storage,
    })
  }

  /** Tells a function where the domain is, and lets it send these requests and no others. */
  connect(handler: KeeperFunction, calls: readonly SearchCall[]): void {
    handler.addEnvironment(ENVIRONMENT.searchEndpoint, this.endpoint)
    for (const [method, path] of calls) {
      const arn = `${this.#arn}/${path}`
      Grant.addToPrincipal({ grantee: handler, actions: [`es:ESHttp${method}`], resourceArns: [arn] })
      if (!path.includes('*')) continue
      Validations.of(handler.executionRole).acknowledge({
        id: `AwsSolutions-IAM5[Resource::${shownByNag(Stack.of(handler).resolve(arn))}]`,
        reason: 'Names of indices end with their version, and OpenSearch makes up the ids of its tasks.',
      })
    }
  }

  alarms(): AlarmSpec[] {
    return this.#monitoring.alarms()
  }

  widgets(): IWidget[][] {
    return this.#monitoring.widgets()
  }

  overview(): OverviewMetrics {
    return {}
  }

  #logging(logGroupArn: string): PolicyStatement {
    return new PolicyStatement({
      principals: [new ServicePrincipal('es.amazonaws.com')],
      actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
      resources: [logGroupArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
    })
  }
}

/** What a domain of this size leaves out on purpose, for reviewers of the templates. */
function acknowledgeChoices(domain: CfnDomain, nodes: number): void {
  const acknowledge = (id: string, reason: string) =>
    Validations.of(domain).acknowledge({ id: `AwsSolutions-${id}`, reason })
  acknowledge('OS3', 'It has addresses inside the network only, where security groups say who reaches it.')
  acknowledge(
    'OS4',
    'Deals are in Postgres too, which answers searches meanwhile: masters of their own would cost more than the nodes.',
  )
  if (nodes === 1) acknowledge('OS7', 'A stage of one engineer; Postgres answers searches meanwhile.')
}
