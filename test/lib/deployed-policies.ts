import { MAIL_FROM, templatesOf } from './synthesized.ts'

export const ACCOUNT = '111122223333'
export const REGION = 'eu-central-1'

/** What AWS would answer, for the attributes that policies use; everything else is an error of the test. */
const arn = (service: string, resource: string) => `arn:aws:${service}:${REGION}:${ACCOUNT}:${resource}`
const ATTRIBUTES: Record<string, (logicalId: string, attribute: string) => string> = {
  'AWS::MSK::Cluster': () => CLUSTER_ARN,
  'AWS::Lambda::Function': (id) => arn('lambda', `function:${id}`),
  'AWS::Logs::LogGroup': (id) => `${arn('logs', `log-group:${id}`)}:*`,
  'AWS::SQS::Queue': (id) => arn('sqs', id),
  'AWS::RDS::DBInstance': (_, attribute) => (attribute === 'DbiResourceId' ? 'db-KEEPER' : MASTER_SECRET_ARN),
  'AWS::SecretsManager::Secret': () => KEEPA_SECRET_ARN,
  'AWS::OpenSearchService::Domain': (id, attribute) =>
    attribute === 'DomainEndpoint' ? `${id}.example` : DOMAIN_ARN,
  'AWS::SNS::Topic': (id) => arn('sns', id),
  'AWS::SES::ConfigurationSet': (id) => id,
  'AWS::SES::EmailIdentity': () => MAIL_FROM,
  'AWS::Events::Rule': (id) => arn('events', `rule/${id}`),
  'AWS::Scheduler::Schedule': (id) => arn('scheduler', `schedule/default/${id}`),
  'AWS::IAM::Role': (id) => `arn:aws:iam::${ACCOUNT}:role/${id}`,
}

export const CLUSTER_ARN = arn('kafka', 'cluster/keeper/11111111-2222-3333-4444-555555555555-6')
export const DOMAIN_ARN = arn('es', 'domain/search')
export const MASTER_SECRET_ARN = arn('secretsmanager', 'secret:rds!db-keeper-AbCdEf')
export const KEEPA_SECRET_ARN = arn('secretsmanager', 'secret:keepa-api-key-AbCdEf')

interface TemplateResource {
  readonly Type: string
  readonly Properties: Readonly<Record<string, unknown>>
  readonly Metadata?: Readonly<Record<string, string>>
}

interface TemplateJson {
  readonly Resources: Readonly<Record<string, TemplateResource>>
  readonly Outputs?: Readonly<
    Record<string, { readonly Export?: { readonly Name: string }; readonly Value: unknown }>
  >
}

export interface PolicyDocument {
  readonly Version: string
  readonly Statement: readonly unknown[]
}

/** Where CloudFormation's resource types keep a resource's own policy. */
const POLICY_PROPERTIES = [
  'PolicyDocument',
  'AssumeRolePolicyDocument',
  'ResourcePolicy',
  'KeyPolicy',
  'RepositoryPolicyText',
]

/** The roles of one size as AWS would have them: references resolved to ARNs of one made-up deployment. */
export class DeployedRoles {
  readonly #stacks: readonly TemplateJson[]

  constructor(size: string, context: Readonly<Record<string, unknown>> = {}) {
    this.#stacks = Object.values(templatesOf(size, context)).map(
      (template) => template.toJSON() as TemplateJson,
    )
  }

  /**
   * Every policy that a resource has of its own, trust policies of roles among them, by the path of its construct
   * without the stack.
   */
  resourcePolicies(): Map<string, PolicyDocument> {
    return new Map(
      this.#stacks.flatMap((stack) =>
        Object.values(stack.Resources).flatMap(({ Type, Properties, Metadata }) => {
          if (Type.startsWith('AWS::IAM::') && Type !== 'AWS::IAM::Role') return []
          const policy = POLICY_PROPERTIES.map((name) => Properties?.[name]).find(Boolean)
          const path = Metadata?.['aws:cdk:path']?.replace(/^[^/]+\//, '').replace(/\/Resource$/, '') ?? ''
          return policy ? [[path, this.#resolve(policy, stack) as PolicyDocument] as const] : []
        }),
      ),
    )
  }

  /** The policy documents of the role whose construct's path ends like this: `price-consumer-role`. */
  policiesOf(role: string): PolicyDocument[] {
    return this.#stacks.flatMap((stack) =>
      Object.values(stack.Resources)
        .filter(({ Type, Metadata }) => {
          const path = Metadata?.['aws:cdk:path'] ?? ''
          return Type === 'AWS::IAM::Policy' && path.endsWith(`/${role}/DefaultPolicy/Resource`)
        })
        .map(({ Properties }) => this.#resolve(Properties.PolicyDocument, stack) as PolicyDocument),
    )
  }

  /** The document of the managed policy of ours with this name. */
  managedPolicy(name: string): PolicyDocument {
    for (const stack of this.#stacks) {
      for (const { Type, Properties } of Object.values(stack.Resources)) {
        if (Type === 'AWS::IAM::ManagedPolicy' && Properties.ManagedPolicyName === name) {
          return this.#resolve(Properties.PolicyDocument, stack) as PolicyDocument
        }
      }
    }
    throw new Error(`No managed policy ${name}`)
  }

  /** Managed policies by the path of the role that they are attached to. */
  managedPolicies(): Map<string, unknown> {
    return new Map(
      this.#stacks.flatMap((stack) =>
        Object.values(stack.Resources)
          .filter(({ Type, Properties }) => Type === 'AWS::IAM::Role' && Properties.ManagedPolicyArns)
          .map(({ Metadata, Properties }) => [
            Metadata?.['aws:cdk:path'] ?? 'a role of the CDK',
            Properties.ManagedPolicyArns,
          ]),
      ),
    )
  }

  /** Which functions a service may invoke, and for which of its resources. */
  invocationsFrom(service: string): { readonly target: unknown; readonly source: unknown }[] {
    return this.#stacks.flatMap((stack) =>
      Object.values(stack.Resources)
        .filter(
          ({ Type, Properties }) => Type === 'AWS::Lambda::Permission' && Properties.Principal === service,
        )
        .map(({ Properties }) => ({
          target: this.#resolve(Properties.FunctionName, stack),
          source: this.#resolve(Properties.SourceArn, stack),
        })),
    )
  }

  /** The logical id of the resource whose construct has this path in its stack. */
  idAt(path: string): string {
    for (const stack of this.#stacks) {
      for (const [logicalId, { Metadata }] of Object.entries(stack.Resources)) {
        if (Metadata?.['aws:cdk:path']?.endsWith(`/${path}/Resource`)) return logicalId
      }
    }
    throw new Error(`No resource at ${path}`)
  }

  /** The ARN of the resource whose construct has this path in its stack: `price-check/price-check-logs`. */
  arnAt(path: string): string {
    for (const stack of this.#stacks) {
      for (const [logicalId, { Type, Metadata }] of Object.entries(stack.Resources)) {
        if (Metadata?.['aws:cdk:path']?.endsWith(`/${path}/Resource`))
          return attribute(Type, logicalId, 'Arn')
      }
    }
    throw new Error(`No resource at ${path}`)
  }

  #resolve(value: unknown, stack: TemplateJson): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#resolve(item, stack))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value).map(([key, item]) => [key, this.#resolve(item, stack)] as const)
    const [[name, argument] = ['', undefined]] = entries
    return entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))
      ? this.#evaluate(name, argument, stack)
      : Object.fromEntries(entries)
  }

  /** One of CloudFormation's functions, its argument resolved. */
  #evaluate(name: string, argument: unknown, { Resources }: TemplateJson): unknown {
    if (name === 'Ref') {
      const id = String(argument)
      return PSEUDO[id] ?? attribute(Resources[id]?.Type, id, 'Ref')
    }
    if (name === 'Fn::ImportValue') return this.#exported(String(argument))
    if (name === 'Fn::GetStackOutput') return this.#output((argument as { OutputName: string }).OutputName)
    const [first, second] = argument as [unknown, unknown]
    if (name === 'Fn::GetAtt') {
      return attribute(Resources[String(first)]?.Type, String(first), String(second))
    }
    if (name === 'Fn::Join') return (second as unknown[]).join(String(first))
    if (name === 'Fn::Split') return String(second).split(String(first))
    if (name === 'Fn::Select') return (second as unknown[])[Number(first)]
    throw new Error(`${name} has no value here`)
  }

  /** Names of such outputs hold a hash: no two stacks have the same. */
  #output(name: string): unknown {
    const stack = this.#stacks.find(({ Outputs = {} }) => name in Outputs)
    if (stack) return this.#resolve(stack.Outputs?.[name]?.Value, stack)
    throw new Error(`No stack has the output ${name}`)
  }

  #exported(name: string): unknown {
    for (const stack of this.#stacks) {
      const output = Object.values(stack.Outputs ?? {}).find(({ Export }) => Export?.Name === name)
      if (output) return this.#resolve(output.Value, stack)
    }
    throw new Error(`No stack exports ${name}`)
  }
}

const PSEUDO: Record<string, string> = {
  'AWS::Partition': 'aws',
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
}

function attribute(type: string | undefined, logicalId: string, name: string): string {
  const answer = ATTRIBUTES[type ?? '']
  if (!answer) throw new Error(`${logicalId}.${name} of ${type} has no value here`)
  return answer(logicalId, name)
}
