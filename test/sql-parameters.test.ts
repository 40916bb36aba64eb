import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { parseSync } from '@swc/core'

/** Whatever comes from outside reaches Postgres as a parameter: text of SQL is put together of constants alone. */

const ROOT = join(import.meta.dirname, '..')
const BEGINS_SQL =
  /^\s*(select|with\s+\w+\s+as|insert\s+into|update\s+\w+|delete\s+from|create|alter|drop|truncate|grant|set\s+local|begin|lock|copy)\b/

/** What is put together of more than constants, none of which comes from outside. */
const KNOWN = [
  // SET takes no parameters: settings that the file lists, and milliseconds, which are a number.
  ...[
    'lambdas/core/postgres/transaction.ts: set local',
    'lambdas/core/postgres/transaction.ts: begin; set local',
  ],
  // Assignments that the file itself writes, of parameters.
  'lambdas/core/postgres/producer-runs.ts: update producer_runs set',
  // A condition for each word, and one for each limit, with the places of parameters; how many rows at most is a number.
  'lambdas/operator/search/in-postgres.ts: select asin, domain, title,',
  ...['lambdas/operator/postgres/find.ts: select asin', 'lambdas/operator/postgres/find.ts: select email'],
  ...[
    'lambdas/operator/postgres/watch-bulk.ts: select id from (',
    'lambdas/operator/postgres/watch-search.ts:',
  ],
  // Conditions, calls and tables that the code itself names.
  'lambdas/operator/postgres/record-rows.ts: select to_char(recorded_at',
  ...['lambdas/maintenance/ddl.ts: select', 'lambdas/maintenance/forget.ts: delete from'],
]

interface Node {
  readonly type: string
  readonly [key: string]: unknown
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

function* nodesIn(value: unknown): Generator<Node> {
  if (isNode(value)) yield value
  if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) yield* nodesIn(each)
}

/** A literal, a constant in capitals, or what a function makes of such. */
function isConstant(node: Node): boolean {
  if (/^(String|Numeric)Literal$/.test(node.type)) return true
  if (node.type === 'Identifier') return /^[A-Z][A-Z\d_]*$/.test(String(node.value))
  if (node.type === 'BinaryExpression')
    return [node.left, node.right].every((side) => isConstant(side as Node))
  if (node.type !== 'CallExpression') return false
  return (node.arguments as { expression: Node }[]).every(({ expression }) => isConstant(expression))
}

const expressionsOf = ({ expressions }: Node) => (expressions as Node[] | undefined) ?? []
const beginningOf = ({ quasis }: Node) => (quasis as { raw: string }[])[0]?.raw ?? ''

/** What a source puts into SQL and is none of these, and queries that are put together with `+`. */
function putInto(source: string, tsx = false): string[] {
  const found: string[] = []
  for (const node of nodesIn(parseSync(source, { syntax: 'typescript', tsx }))) {
    if (node.type === 'TemplateLiteral' && BEGINS_SQL.test(beginningOf(node))) {
      if (!expressionsOf(node).every(isConstant)) found.push(beginningOf(node).trim())
    }
    const callee = node.type === 'CallExpression' ? (node.callee as Node) : undefined
    if ((callee?.property as Node | undefined)?.value !== 'query') continue
    const [{ expression: text } = {}] = node.arguments as { expression?: Node }[]
    if (text?.type === 'BinaryExpression' && !isConstant(text)) found.push('a query with +')
    if (text?.type === 'TemplateLiteral' && !expressionsOf(text).every(isConstant)) {
      found.push(beginningOf(text).trim())
    }
  }
  return found
}

test('no source puts a value into the text of a query', () => {
  const files = globSync('{lambdas,client,cli,console/server}/**/*.{ts,tsx}', { cwd: ROOT })
  expect(files.length).toBeGreaterThan(200)
  const found = files.flatMap((file) =>
    putInto(readFileSync(join(ROOT, file), 'utf8'), file.endsWith('x')).map((sql) => `${file}: ${sql}`),
  )
  expect(found.filter((one) => !KNOWN.some((known) => one.startsWith(known)))).toEqual([])
  expect(KNOWN.filter((known) => !found.some((one) => one.startsWith(known)))).toEqual([])
})

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a mistake
  ['a value in a query', 'pool.query(`select from users where email = ${email}`)'],
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the source of a mistake
  ['a value in SQL that is kept', 'const sql = `delete from watches where id = ${String(id)}`'],
  ['a value that is appended', "pool.query('select from users where id = ' + id)"],
])('%s is found', (_, source) => {
  expect(putInto(source)).not.toEqual([])
})
