import { expect, test } from '@jest/globals'
import * as channels from '../../cli/commands/channels.ts'
import * as filters from '../../cli/commands/filters.ts'
import { read } from '../../cli/commands/messages.ts'
import { type CommandContext, contextOf } from '../../cli/context.ts'
import { ClientError } from '../../client/client-error.ts'
import type { Keeper } from '../../client/keeper.ts'

/** What commands print and ask, before a Keeper that answers what a test says. */

interface Answers {
  readonly rows?: readonly object[]
  /** What the rows end with. */
  readonly failure?: Error
}

function terminal({ rows = [], failure }: Answers, isJson = false) {
  let out = ''
  const asked: string[] = []
  const called: unknown[] = []
  const keeper = {
    title: 'the Keeper of this test',
    rows: async function* () {
      yield* rows
      if (failure) throw failure
    },
    call: async (operation: string, input: { readonly id: string }) => {
      called.push([operation, input])
      return { ...rows[0], ...input }
    },
  } as unknown as Keeper
  const context: CommandContext = {
    ...contextOf({}),
    isJson,
    keeper: async () => keeper,
    print: (text) => {
      out += `${text}\n`
    },
    say: () => undefined,
    confirm: async (question) => void asked.push(question),
  }
  return { context, asked, called, out: () => out }
}

const FILTER = {
  ...{ id: '1', user: 'ada@example.com', domain: 'de', titleContains: null },
  ...{ minDiscount: null, maxPrice: null, minRating: null },
}
const CHANNEL = {
  ...{ id: '1', user: 'ada@example.com', kind: 'ntfy', address: 'https://ntfy.sh/a' },
  ...{ disabledAt: null, disabledReason: null },
}

test.each([
  ['a filter', 'filters.remove', filters.remove, FILTER, 'Remove filter 1 (ada@example.com wants'],
  ['a channel', 'channels.remove', channels.remove, CHANNEL, 'Remove Channel 1 (ntfy https://ntfy.sh/a'],
] as const)(
  '%s is removed after a question, however its id is written',
  async (_, name, remove, row, question) => {
    const { context, asked, called } = terminal({ rows: [row] })
    await remove(context, ' 1')
    expect(asked).toEqual([expect.stringContaining(question)])
    expect(called).toEqual([[name, { id: '1' }]])
    // One that is not listed may just have been added.
    await remove(context, '2')
    expect(asked).toEqual([expect.anything(), expect.stringMatching(/^Remove (filter|channel) 2 from/)])
  },
)

const record = (value: string) => ({
  ...{ partition: 0, offset: '5', timestamp: 0, key: null, headers: [], value: { text: value } },
})
const READING = { from: 'start', as: 'pretty' } as const

test.each([
  ['nothing, where it fails before there is anything', 0, true, ''],
  ['an empty document, where there is nothing', 0, false, '[]\n'],
  ['a whole document of what came before it failed', 2, true, /^\[\{.*\n,\{.*\n\]\n$/],
  ['a whole document', 2, false, /^\[\{.*\n,\{.*\n\]\n$/],
])('messages as JSON are %s', async (_, count, isFailing, printed) => {
  const failure = isFailing ? new ClientError('bad_offset', 'cannot be read') : undefined
  const rows = Array.from({ length: count }, (_each, index) => record(`${index}`))
  const { context, out } = terminal({ rows, ...(failure && { failure }) }, true)
  const done = read(context, 't', READING)
  await (failure ? expect(done).rejects.toBe(failure) : done)
  expect(out()).toEqual(typeof printed === 'string' ? printed : expect.stringMatching(printed))
  if (count > 0) expect(JSON.parse(out())).toHaveLength(count)
})

test('a pretty value reaches the terminal without what would control it, line by line', async () => {
  const { context, out } = terminal({ rows: [record(JSON.stringify({ title: '\u009b2J\u202etac' }))] })
  await read(context, 't', READING)
  expect(out()).toContain('\n{\n  "title": "\ufffd2J\ufffdtac"\n}')
})
