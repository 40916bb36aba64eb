import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'

const MODULE = join(import.meta.dirname, '../../../lambdas/core/kafka/quiet-timeout-warning.ts')
const REQUEST_QUEUE = join(
  import.meta.dirname,
  '../../../node_modules/kafkajs/src/network/requestQueue/index.js',
)

/** What a program of its own writes to standard error: jest gives tests a `process` that Node does not use. */
const warningsOf = (program: string): string => {
  const source = `import { quietTimeoutWarning } from ${JSON.stringify(MODULE)}\n${program}`
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', source], { encoding: 'utf8' })
  expect(result.status).toBe(0)
  return result.stderr
}

const KAFKAJS_TIMER = `const queue = { scheduleCheckPendingRequests() { setTimeout(() => {}, -5) } }`

describe('quietTimeoutWarning', () => {
  test("keeps kafkajs's negative timeout from the screen", () => {
    expect(warningsOf(`${KAFKAJS_TIMER}\nqueue.scheduleCheckPendingRequests()`)).toContain(
      'TimeoutNegativeWarning',
    )
    expect(warningsOf(`quietTimeoutWarning()\n${KAFKAJS_TIMER}\nqueue.scheduleCheckPendingRequests()`)).toBe(
      '',
    )
  })

  test('shows a negative timeout that is not of kafkajs', () => {
    expect(warningsOf('quietTimeoutWarning()\nsetTimeout(() => {}, -5)')).toContain('TimeoutNegativeWarning')
  })

  test('shows every other warning', () => {
    const shown = warningsOf(`quietTimeoutWarning()\nprocess.emitWarning('mind this', 'OtherWarning')`)
    expect(shown).toContain('OtherWarning: mind this')
  })

  test('can be undone', () => {
    const undone = `quietTimeoutWarning()()\n${KAFKAJS_TIMER}\nqueue.scheduleCheckPendingRequests()`
    expect(warningsOf(undone)).toContain('TimeoutNegativeWarning')
  })

  test('names the method that sets the timer in the installed kafkajs', async () => {
    const source = await readFile(REQUEST_QUEUE, 'utf8')
    expect(/scheduleCheckPendingRequests\(\) \{[\s\S]*setTimeout\(/.test(source)).toBe(true)
  })
})
