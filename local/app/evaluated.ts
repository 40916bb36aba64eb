import { own } from '../cloud/own.ts'
import type { Resource } from '../cloud/template/assembly.ts'
import { list } from '../cloud/template/properties.ts'
import { Conditions } from './conditions.ts'
import { checkGiven, type GivenParameters, parameterValue } from './parameters.ts'
import { type Places, References } from './references.ts'
import type { Assembly, Stack } from './stacks.ts'

/** An assembly as CloudFormation would create it, and what could not be decided. */
export interface Evaluated {
  readonly assembly: Assembly
  /** Parameters that have neither a default nor a given value. */
  readonly withoutValue: readonly string[]
  /** Resources whose condition depends on something that is not known here; they do not run. */
  readonly undecided: readonly Resource[]
}

/** What stands for a property that is not to be there. */
const NO_VALUE = Symbol('AWS::NoValue')

/**
 * Puts values in place of parameters, Fn::FindInMap and Fn::If, and leaves out what a condition leaves out: resources,
 * properties and outputs.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
 * @throws KeeperError `bad_parameter`
 */
export function evaluated(assembly: Assembly, given: GivenParameters, places: Places): Evaluated {
  checkGiven(assembly, given)
  const stacks = assembly.stacks.map((stack) => ({ ...stack, parameters: parametersOf(stack, given) }))
  const references = new References({ ...assembly, stacks }, places)
  const byStack = new Map(
    assembly.stacks.map((stack) => [stack.name, new StackValues(stack, given, references)]),
  )
  const holds = ({ stack, condition }: Resource) =>
    condition === undefined ? true : byStack.get(stack)?.holds(condition)
  return {
    assembly: {
      stacks: stacks.map((stack) => ({ ...stack, outputs: outputsOf(stack, byStack.get(stack.name)) })),
      resources: assembly.resources.filter(holds).map((resource) => ({
        ...resource,
        properties: (byStack.get(resource.stack)?.reduced(resource.properties) ??
          {}) as Resource['properties'],
      })),
    },
    withoutValue: [
      ...new Set(
        assembly.stacks.flatMap((stack) =>
          Object.entries(stack.parameters)
            .filter(([name, { Default: value }]) => value === undefined && !isKnown(stack, name, given))
            .map(([name]) => name),
        ),
      ),
    ],
    undecided: assembly.resources.filter((resource) => holds(resource) === undefined),
  }
}

const isKnown = (stack: Stack, name: string, given: GivenParameters): boolean =>
  parameterValue(stack, name, given) !== undefined

/** With what they are as their defaults, as text: what Fn::Sub and Fn::Join put there. */
const parametersOf = (stack: Stack, given: GivenParameters): Stack['parameters'] =>
  Object.fromEntries(
    Object.entries(stack.parameters).map(([name, parameter]) => {
      const value = parameterValue(stack, name, given)
      return [name, value === undefined ? parameter : { Type: 'String', Default: String(value) }]
    }),
  )

function outputsOf({ outputs }: Stack, values: StackValues | undefined): Stack['outputs'] {
  const kept = Object.entries(outputs).filter(
    ([, { Condition: condition }]) => condition === undefined || values?.holds(condition) === true,
  )
  return Object.fromEntries(
    kept.map(([name, output]) => [name, (values?.reduced(output) ?? output) as typeof output]),
  )
}

/** The values of one stack's template. */
class StackValues {
  readonly #stack: Stack
  readonly #given: GivenParameters
  readonly #references: References
  readonly #conditions: Conditions

  constructor(stack: Stack, given: GivenParameters, references: References) {
    this.#stack = stack
    this.#given = given
    this.#references = references
    this.#conditions = new Conditions(stack.conditions ?? {}, (value) => this.#text(value))
  }

  /** Undefined where it depends on something that is not known here. */
  holds(condition: string): boolean | undefined {
    return this.#conditions.holds(condition)
  }

  /** The value with everything in it replaced that the template itself decides; undefined for AWS::NoValue. */
  reduced(value: unknown): unknown {
    const found = this.#reduce(value)
    return found === NO_VALUE ? undefined : found
  }

  #reduce(value: unknown): unknown {
    if (Array.isArray(value))
      return value.map((item) => this.#reduce(item)).filter((item) => item !== NO_VALUE)
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    const [[intrinsic, argument] = ['', undefined]] = entries
    if (entries.length === 1) {
      if (intrinsic === 'Ref') return this.#ref(value, String(argument))
      if (intrinsic === 'Fn::If') return this.#if(value, list(argument))
      if (intrinsic === 'Fn::FindInMap') return this.#found(value, list(argument))
    }
    const reduced = entries.map(([name, item]) => [name, this.#reduce(item)] as const)
    return Object.fromEntries(reduced.filter(([, item]) => item !== NO_VALUE))
  }

  #ref(whole: unknown, name: string): unknown {
    if (name === 'AWS::NoValue') return NO_VALUE
    if (!Object.hasOwn(this.#stack.parameters, name)) return whole
    return parameterValue(this.#stack, name, this.#given) ?? whole
  }

  #if(whole: unknown, [condition, then, otherwise]: readonly unknown[]): unknown {
    const holds = this.holds(String(condition))
    return holds === undefined ? whole : this.#reduce(holds ? then : otherwise)
  }

  /** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html */
  #found(whole: unknown, [map, first, second, options]: readonly unknown[]): unknown {
    const [name, top, key] = [map, first, second].map((part) => this.#text(part))
    if (name === undefined || top === undefined || key === undefined) return whole
    const keys = own(own(this.#stack.mappings ?? {}, name) ?? {}, top)
    const { DefaultValue: fallback } = (options ?? {}) as { readonly DefaultValue?: unknown }
    return own(keys ?? {}, key) ?? (fallback === undefined ? whole : this.#reduce(fallback))
  }

  #text(value: unknown): string | undefined {
    const resolved = this.#references.resolve(this.#stack.name, this.reduced(value))
    return resolved.known ? resolved.text : undefined
  }
}
