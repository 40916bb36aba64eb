import { getDotPath, safeParse } from 'valibot'
import { KeeperError } from '../core/errors.ts'
import { explained } from './failures.ts'
import { nearest } from './nearest.ts'
import type { Operation, OperatorDependencies, OperatorRequest, OperatorResponse } from './operation.ts'

/** Lambda's response to a synchronous invocation takes 6 MB. */
const MAX_ANSWER_BYTES = 6_000_000

/**
 * Runs the operation that a request names. What the caller can put right (no such topic, an input that does not fit) is
 * an answer; anything else is thrown, and is an error of the function.
 * @param access what this function may do
 */
export async function answer(
  request: OperatorRequest,
  operations: Readonly<Record<string, Operation>>,
  access: Operation['access'],
  dependencies: OperatorDependencies,
): Promise<OperatorResponse> {
  try {
    const output = await run(request, operations, access, dependencies)
    const bytes = Buffer.byteLength(JSON.stringify(output) ?? 'null')
    if (bytes <= MAX_ANSWER_BYTES) return { output }
    throw new KeeperError(
      'answer_too_large',
      `The answer has ${bytes} bytes, and Lambda takes ${MAX_ANSWER_BYTES}.`,
    )
  } catch (error) {
    const { code, message } = explained(error, dependencies.bootstrapServers)
    return { error: { code, message } }
  }
}

async function run(
  request: OperatorRequest,
  operations: Readonly<Record<string, Operation>>,
  access: Operation['access'],
  dependencies: OperatorDependencies,
): Promise<unknown> {
  const name = request?.operation
  const operation = typeof name === 'string' && Object.hasOwn(operations, name) ? operations[name] : undefined
  if (!operation) {
    const names = nearest(String(name), Object.keys(operations))
    throw new KeeperError(
      'no_such_operation',
      `There is no operation "${name}"; did you mean ${names.join(' or ')}?`,
    )
  }
  if (operation.access === 'change' && access === 'read') {
    throw new KeeperError(
      'read_only',
      `${name} changes things, and this function only reads: invoke operator instead.`,
    )
  }
  const parsed = safeParse(operation.input, request.input ?? {})
  if (!parsed.success) {
    const problems = parsed.issues.map((issue) => `${getDotPath(issue) ?? 'the input'}: ${issue.message}`)
    throw new KeeperError('input_invalid', `${name} does not take this input. ${problems.join('. ')}.`)
  }
  return operation.run(parsed.output, dependencies)
}
