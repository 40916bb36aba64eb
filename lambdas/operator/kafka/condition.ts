import { KeeperError } from '../../core/errors.ts'
import type { ReadRecord } from './read-records.ts'

const FORM = /^\s*([\w.]+)\s*(<=|>=|!=|=|<|>|~)\s*(.*?)\s*$/

/**
 * Whether a record meets `field op value`. The field is one of the JSON value's, with dots for objects within; the
 * operators are = != < <= > >= and ~ (contains). Values are compared as numbers where both are numbers. Nothing of it
 * is ever run as code.
 * @throws KeeperError `bad_condition` with an example
 */
export function conditionOf(condition: string | undefined): (record: ReadRecord) => boolean {
  if (condition === undefined) return () => true
  const [, path = '', operator = '', value = ''] = FORM.exec(condition) ?? []
  if (path === '') {
    throw new KeeperError(
      'bad_condition',
      `The condition "${condition}" cannot be read: write field op value, for example current_price < 50.`,
    )
  }
  const wanted = value.replace(/^(["'])(.*)\1$/, '$2')
  return (record) => {
    const found = fieldOf(record, path)
    return found !== undefined && compare(found, operator, wanted)
  }
}

function fieldOf({ value }: ReadRecord, path: string): unknown {
  if (value === null || !('text' in value)) return undefined
  let found: unknown
  try {
    found = JSON.parse(value.text)
  } catch {
    return undefined
  }
  for (const name of path.split('.')) {
    if (typeof found !== 'object' || found === null || !Object.hasOwn(found, name)) return undefined
    found = (found as Record<string, unknown>)[name]
  }
  return found
}

function compare(found: unknown, operator: string, wanted: string): boolean {
  const text = typeof found === 'string' ? found : JSON.stringify(found)
  if (operator === '~') return text.toLowerCase().includes(wanted.toLowerCase())
  const isNumber = typeof found === 'number' && wanted !== '' && !Number.isNaN(Number(wanted))
  const order = isNumber
    ? Math.sign((found as number) - Number(wanted))
    : Math.sign(text.localeCompare(wanted))
  if (operator === '=') return order === 0
  if (operator === '!=') return order !== 0
  return operator.startsWith('<')
    ? order < 0 || (operator === '<=' && order === 0)
    : order > 0 || (operator === '>=' && order === 0)
}
