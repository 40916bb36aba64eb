import { own } from '../cloud/own.ts'
import { list } from '../cloud/template/properties.ts'

/** A condition's answer; undefined where it depends on something that is not known here. */
type Answer = boolean | undefined

/**
 * The conditions of one template.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-conditions.html
 */
export class Conditions {
  readonly #conditions: Readonly<Record<string, unknown>>
  readonly #text: (value: unknown) => string | undefined
  readonly #answers = new Map<string, Answer>()

  /** `text` gives what a value is here, undefined for one that is not known. */
  constructor(conditions: Readonly<Record<string, unknown>>, text: (value: unknown) => string | undefined) {
    this.#conditions = conditions
    this.#text = text
  }

  holds(name: string): Answer {
    if (!this.#answers.has(name)) {
      // One that refers to itself has no answer.
      this.#answers.set(name, undefined)
      this.#answers.set(name, this.#evaluate(own(this.#conditions, name)))
    }
    return this.#answers.get(name)
  }

  #evaluate(condition: unknown): Answer {
    const [[intrinsic, argument] = ['', undefined]] = Object.entries(condition ?? {})
    const parts = () => list(argument).map((part) => this.#evaluate(part))
    switch (intrinsic) {
      case 'Condition':
        return this.holds(String(argument))
      case 'Fn::Equals': {
        const [first, second] = list(argument).map((value) => this.#text(value))
        return first === undefined || second === undefined ? undefined : first === second
      }
      case 'Fn::And':
        return not(any(parts().map(not)))
      case 'Fn::Or':
        return any(parts())
      case 'Fn::Not':
        return not(parts()[0])
      default:
        return undefined
    }
  }
}

const not = (answer: Answer): Answer => (answer === undefined ? undefined : !answer)

/** One that holds is enough, whatever the others are. */
function any(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true
  return answers.includes(undefined) ? undefined : false
}
