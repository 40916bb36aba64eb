import { CloudError } from '../cloud-error.ts'
import type { Resource } from '../template/assembly.ts'
import type { AlarmState } from './alarm-evaluation.ts'
import { alarmName } from './alarm-resource.ts'

/** AWS::CloudWatch::CompositeAlarm: an alarm on the states of others. */
export interface CompositeAlarmResource {
  readonly name: string
  readonly description: string
  /** Such as `ALARM("a") AND NOT OK("b")`; empty where it refers to what is not known here. */
  readonly alarmRule: string
}

/** Reads a composite alarm whose references are replaced by what they are here. */
export function readComposite(resource: Resource): CompositeAlarmResource {
  const { AlarmDescription: description, AlarmRule: rule } = resource.properties
  return {
    name: alarmName(resource),
    description: typeof description === 'string' ? description : '',
    alarmRule: typeof rule === 'string' ? rule : '',
  }
}

const STATE_OF = /^(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:"([^"]*)"|'([^']*)'|([^\s()"']+))\s*\)$/
const TOKEN = /\s*((?:ALARM|OK|INSUFFICIENT_DATA)\s*\([^()]*\)|TRUE\b|FALSE\b|AND\b|OR\b|NOT\b|[()])\s*/y

/**
 * Whether an alarm rule holds. `stateOf` is asked for every alarm that the rule names.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 * @throws CloudError `alarm_rule` saying what is not known here
 */
export function ruleHolds(rule: string, stateOf: (name: string) => AlarmState | undefined): boolean {
  const tokens = tokensOf(rule)
  let at = 0
  const or = (): boolean => {
    let holds = and()
    while (tokens[at] === 'OR') {
      at += 1
      const right = and()
      holds = holds || right
    }
    return holds
  }
  const and = (): boolean => {
    let holds = one()
    while (tokens[at] === 'AND') {
      at += 1
      const right = one()
      holds = holds && right
    }
    return holds
  }
  const one = (): boolean => {
    const token = tokens[at] ?? 'the end'
    at += 1
    if (token === 'NOT') return !one()
    if (token === 'TRUE' || token === 'FALSE') return token === 'TRUE'
    if (token === '(') {
      const holds = or()
      if (tokens[at] !== ')') throw fault(rule, ') is missing')
      at += 1
      return holds
    }
    const [, wanted, ...names] = STATE_OF.exec(token) ?? []
    const named = names.find((name) => name !== undefined)
    if (named === undefined) throw fault(rule, `${token} is not expected`)
    const name = named.split(':alarm:').at(-1) ?? named
    const state = stateOf(name)
    if (state === undefined) throw fault(rule, `${name} is not evaluated here`)
    return state === wanted
  }
  const holds = or()
  if (at < tokens.length) throw fault(rule, `${tokens[at]} is not expected`)
  return holds
}

function tokensOf(rule: string): readonly string[] {
  const tokens: string[] = []
  TOKEN.lastIndex = 0
  for (let from = 0; from < rule.length; from = TOKEN.lastIndex) {
    const [, token] = TOKEN.exec(rule) ?? []
    if (token === undefined) throw fault(rule, `${rule.slice(from)} is not known here`)
    tokens.push(token)
  }
  return tokens
}

const fault = (rule: string, what: string): CloudError =>
  new CloudError('alarm_rule', `AlarmRule ${rule || '(known in AWS only)'}: ${what}`)
