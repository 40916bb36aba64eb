import { PassThrough, Writable } from 'node:stream'
import { beforeEach, expect, test } from '@jest/globals'
import { Command } from 'commander'
import { contextOf } from '../../cli/context.ts'
import { exitCodeOf } from '../../cli/exit-code.ts'
import { until } from '../local/until.ts'

/** What a terminal does with the keys that end a question; it is raw while one is asked, so that they are no signals. */

let said = ''
let keys: PassThrough
beforeEach(() => {
  said = ''
  keys = Object.assign(new PassThrough(), { isTTY: true })
  const shown = new Writable({
    write: (chunk, _encoding, done) => {
      said += chunk
      done()
    },
  })
  Object.defineProperties(process, {
    stdin: { value: keys, configurable: true },
    stderr: { value: Object.assign(shown, { isTTY: true }), configurable: true },
  })
})

/** Runs a command that asks, and types something once it has asked. */
async function answered(asks: (context: ReturnType<typeof contextOf>) => Promise<unknown>, typed: string) {
  const program = new Command('keeper').action(() => asks(contextOf({})).then(() => undefined))
  const done = exitCodeOf(program, ['node', 'keeper'])
  await until(() => said.includes('?'))
  keys.write(typed)
  return done
}

const ASKS = [
  ['a question', (context) => context.confirm('Remove it?')],
  ['a secret', (context) => context.secret('Secret?')],
] as const satisfies readonly (readonly [string, Parameters<typeof answered>[0]])[]

test.each(ASKS)('Ctrl-C at %s ends the command with 130', async (_, asks) => {
  expect(await answered(asks, '\u0003')).toBe(130)
  expect(said).toMatch(/\?.*\nNothing was changed\.\n$/s)
})

test.each(ASKS)('Ctrl-D at %s is a no', async (_, asks) => {
  expect(await answered(asks, '\u0004')).toBe(1)
  expect(said).toMatch(/\?.*\nNothing was changed\.\n$/s)
})

test('an answer is taken, and a secret is not shown', async () => {
  expect(await answered(ASKS[0][1], 'yes\r')).toBe(0)
  said = ''
  const secrets: string[] = []
  const ask = async (context: ReturnType<typeof contextOf>) => secrets.push(await context.secret('Secret?'))
  expect(await answered(ask, 'hidden\r')).toBe(0)
  expect([secrets, said]).toEqual([['hidden'], 'Secret?\n'])
})
