import { ACCOUNT, alarmArn, functionArn, mappingUuid, REGION, topicArn } from '../cloud/account.ts'
import { alarmName } from '../cloud/cloudwatch/alarm-resource.ts'
import { functionName } from '../cloud/lambda/function-resource.ts'
import { own } from '../cloud/own.ts'
import { scheduleName } from '../cloud/scheduler/schedule-resource.ts'
import { type Resource, resourceId } from '../cloud/template/assembly.ts'
import { list, logicalIdOf, placeOf } from '../cloud/template/properties.ts'
import type { Assembly } from './stacks.ts'

/** Where Kafka and Postgres are here. */
export interface Places {
  readonly bootstrapServers: string
  readonly databaseUrl: string | null
}

/** What a value of a template is here, or what it refers to that is not here. */
export type Resolved =
  | { readonly known: true; readonly text: string }
  | { readonly known: false; readonly refersTo: string }

const ALARM = /^AWS::CloudWatch::(Composite)?Alarm$/

const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::Region': REGION,
  'AWS::AccountId': ACCOUNT,
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
}

/** Says what the values of an assembly's templates are on this machine. */
export class References {
  readonly #assembly: Assembly
  readonly #places: Places

  constructor(assembly: Assembly, places: Places) {
    this.#assembly = assembly
    this.#places = places
  }

  /** `value` as the template of `stack` has it. */
  resolve(stack: string, value: unknown): Resolved {
    if (typeof value === 'string') return plain(value)
    if (typeof value === 'number' || typeof value === 'boolean') return known(String(value))
    const [[intrinsic, argument] = ['', undefined]] = Object.entries(value ?? {})
    switch (intrinsic) {
      case 'Ref':
        return this.#ref(stack, String(argument))
      case 'Fn::GetAtt': {
        const [id, ...attribute] = typeof argument === 'string' ? argument.split('.') : list(argument)
        return this.#attribute(stack, String(id), attribute.join('.'))
      }
      case 'Fn::Join': {
        const [separator, parts] = list(argument)
        return joined(
          list(parts).map((part) => this.resolve(stack, part)),
          String(separator),
        )
      }
      case 'Fn::Select':
        return this.#select(stack, list(argument))
      case 'Fn::Sub':
        return this.#substitute(stack, argument)
      case 'Fn::ImportValue':
        return this.#imported(this.resolve(stack, argument))
      case 'Fn::GetStackOutput':
        return this.#output(stack, argument as Readonly<Record<string, unknown>>)
      default:
        return unknown(JSON.stringify(value))
    }
  }

  /** The value with everything in it replaced that is known here. */
  replaced(stack: string, value: unknown): unknown {
    const resolved = this.resolve(stack, value)
    if (resolved.known) return typeof value === 'object' ? resolved.text : value
    if (Array.isArray(value)) return value.map((item) => this.replaced(stack, item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.replaced(stack, item)]))
  }

  /** The text with what is not known here replaced by `unknown`; undefined for what is no text at all. */
  filled(stack: string, value: unknown, unknown: string): string | undefined {
    const resolved = this.resolve(stack, value)
    if (resolved.known) return resolved.text
    const { 'Fn::Join': join, 'Fn::Sub': sub } = value as Readonly<Record<string, unknown>>
    const each = (parts: readonly unknown[]) =>
      parts.map((part) => {
        const text = this.resolve(stack, part)
        return text.known ? text.text : unknown
      })
    if (join !== undefined) return each(list(list(join)[1])).join(String(list(join)[0]))
    if (sub === undefined) return undefined
    const [text, variables] = typeof sub === 'string' ? [sub, {}] : list(sub)
    const parts = String(text).split(/(\$\{[^}]*\})/)
    return each(parts.map((part) => ({ 'Fn::Sub': [part, variables] }))).join('')
  }

  #ref(stack: string, id: string): Resolved {
    const pseudo = own(PSEUDO, id)
    if (pseudo !== undefined) return known(pseudo)
    if (id === 'AWS::StackName') return known(this.#stack(stack)?.stackName ?? stack)
    const parameter = own(this.#stack(stack)?.parameters ?? {}, id)
    if (parameter) {
      const isPlain = parameter.Default !== undefined && !parameter.Type?.startsWith('AWS::SSM')
      return isPlain ? plain(String(parameter.Default)) : unknown(`the parameter ${id}`)
    }
    const resource = this.#resource(stack, id)
    if (resource?.type === 'AWS::Lambda::Function') return known(functionName(resource))
    if (resource?.type === 'AWS::MSK::Topic') return known(topicArn(String(resource.properties.TopicName)))
    if (resource?.type === 'AWS::Lambda::EventSourceMapping')
      return known(mappingUuid(resourceId(resource.stack, id)))
    // What stands for a group here goes by its logical name.
    if (resource?.type === 'AWS::Scheduler::ScheduleGroup') {
      return resource.properties.Name === undefined
        ? known(resource.logicalId)
        : this.resolve(stack, resource.properties.Name)
    }
    if (resource?.type === 'AWS::Scheduler::Schedule') return known(scheduleName(resource))
    if (resource && ALARM.test(resource.type)) return known(alarmName(resource))
    if (resource?.type === 'AWS::SES::EmailIdentity') {
      return this.resolve(stack, resource.properties.EmailIdentity)
    }
    if (resource?.type === 'AWS::SES::ConfigurationSet') {
      return resource.properties.Name === undefined
        ? known(placeOf(resource))
        : this.resolve(stack, resource.properties.Name)
    }
    const target = resource && this.#functionOf(resource)
    if (resource && target) return target.known ? known(functionArn(target.text)) : target
    return unknown(resource ? `${resource.type} ${resource.path}` : id)
  }

  #attribute(stack: string, id: string, attribute: string): Resolved {
    const resource = this.#resource(stack, id)
    if (/bootstrap.?(brokers?|servers?)/i.test(attribute)) return known(this.#places.bootstrapServers)
    if (resource?.type === 'AWS::Lambda::Function' && attribute === 'Arn') {
      return known(functionArn(functionName(resource)))
    }
    if (resource?.type === 'AWS::MSK::Topic') {
      if (attribute === 'TopicArn') return known(topicArn(String(resource.properties.TopicName)))
      if (attribute === 'TopicName') return this.resolve(stack, resource.properties.TopicName)
    }
    if (resource?.type === 'AWS::SQS::Queue' && attribute === 'QueueName') return known(resource.logicalId)
    if (resource?.type === 'AWS::Lambda::EventSourceMapping' && attribute === 'Id') {
      return known(mappingUuid(resourceId(resource.stack, id)))
    }
    if (resource && ALARM.test(resource.type) && attribute === 'Arn') {
      return known(alarmArn(alarmName(resource)))
    }
    const { databaseUrl } = this.#places
    if (resource?.type.startsWith('AWS::RDS::DB') && databaseUrl !== null) {
      const { hostname, port } = new URL(databaseUrl)
      if (attribute === 'Endpoint.Address') return known(hostname)
      if (attribute === 'Endpoint.Port') return known(port || '5432')
    }
    return unknown(resource ? `${attribute} of ${resource.type} ${resource.path}` : `${id}.${attribute}`)
  }

  /** One of a list, or of the parts of a text (Fn::Split). */
  #select(stack: string, [index, from]: readonly unknown[]): Resolved {
    if (Array.isArray(from)) return this.resolve(stack, from[Number(index)])
    const [separator, value] = list((from as { 'Fn::Split'?: unknown } | undefined)?.['Fn::Split'])
    if (typeof separator !== 'string') return unknown(JSON.stringify(from))
    const whole = this.resolve(stack, value)
    return whole.known ? known(whole.text.split(separator)[Number(index)] ?? '') : whole
  }

  /** `${Name}` and `${Name.Attribute}` in a text; `${!Name}` is left as `${Name}`. */
  #substitute(stack: string, argument: unknown): Resolved {
    const [text, variables] = typeof argument === 'string' ? [argument, {}] : list(argument)
    const given = (variables ?? {}) as Readonly<Record<string, unknown>>
    const parts = String(text).split(/(\$\{[^}]*\})/)
    return joined(
      parts.map((part) => {
        const name = /^\$\{(.*)\}$/.exec(part)?.[1]
        if (name === undefined) return plain(part)
        if (name.startsWith('!')) return known(`\${${name.slice(1)}}`)
        if (Object.hasOwn(given, name)) return this.resolve(stack, given[name])
        return this.resolve(stack, name.includes('.') ? { 'Fn::GetAtt': name } : { Ref: name })
      }),
      '',
    )
  }

  #imported(name: Resolved): Resolved {
    if (!name.known) return name
    for (const { name: stack, outputs } of this.#assembly.stacks) {
      for (const { Value: value, Export: exported } of Object.values(outputs)) {
        const as = this.resolve(stack, exported?.Name)
        if (as.known && as.text === name.text) return this.resolve(stack, value)
      }
    }
    return unknown(`the export ${name.text}, which no stack of this assembly has`)
  }

  #output(stack: string, { StackName: of, OutputName: output }: Readonly<Record<string, unknown>>): Resolved {
    const name = this.resolve(stack, of)
    const found = this.#assembly.stacks.find(({ stackName }) => name.known && stackName === name.text)
    const value = found?.outputs[String(output)]?.Value
    if (found && value !== undefined) return this.resolve(found.name, value)
    return unknown(`the output ${String(output)}, which no stack of this assembly has`)
  }

  /** A version or an alias names its function. */
  #functionOf({ type, stack, properties }: Resource): Resolved | undefined {
    if (type !== 'AWS::Lambda::Alias' && type !== 'AWS::Lambda::Version') return undefined
    const id = logicalIdOf(properties.FunctionName)
    return id === undefined ? undefined : this.#ref(stack, id)
  }

  #stack(name: string) {
    return this.#assembly.stacks.find((stack) => stack.name === name)
  }

  #resource(stack: string, id: string): Resource | undefined {
    return this.#assembly.resources.find((resource) => resource.stack === stack && resource.logicalId === id)
  }
}

const known = (text: string): Resolved => ({ known: true, text })
const unknown = (refersTo: string): Resolved => ({ known: false, refersTo })

/** A text is what it says, unless CloudFormation would put something else there. */
const plain = (text: string): Resolved => {
  const [reference] = /\{\{resolve:[^}]*\}\}/.exec(text) ?? []
  return reference === undefined ? known(text) : unknown(reference)
}

function joined(parts: readonly Resolved[], separator: string): Resolved {
  const missing = parts.find((part) => !part.known)
  return missing ?? known(parts.map((part) => (part.known ? part.text : '')).join(separator))
}
