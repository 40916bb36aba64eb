import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { FIRST, IMPORTED, THEN } from '../../../cli/document/examples.ts'
import { familiesOf, helpOf } from '../../../cli/document/help.ts'
import { normalise } from '../../../cli/document/normalise.ts'
import { page } from '../../../cli/document/page.ts'
import { runExamples } from '../../../cli/document/run-examples.ts'
import { buildProgram } from '../../../cli/program.ts'
import { keeperHere } from '../in-process.ts'
import { localKeeper, runKeeper } from '../local-keeper.ts'

/** docs/cli.md is what `npm run document-cli` writes: where this fails, run it. */
const written = await readFile(join(import.meta.dirname, '..', '..', '..', 'docs', 'cli.md'), 'utf8')

const headings = (text: string) => text.split('\n').filter((line) => /^##+ /.test(line))

describe('docs/cli.md', () => {
  test('has every command, in the order of the program, and the table of Kafka’s own tools', () => {
    const made = page(buildProgram(), new Map())
    expect(headings(written)).toEqual(headings(made))
    const table = (text: string) => text.split('\n').filter((line) => line.startsWith('|'))
    expect(table(written)).toEqual(expect.arrayContaining(table(made)))
  })

  test('has the help of every command as it is', () => {
    const program = buildProgram()
    const commands = familiesOf(program).flatMap((family) => family.commands)
    const stale = commands.filter(({ command }) => !written.includes(`\n${helpOf(command)}\n`))
    expect(stale.map(({ words }) => words)).toEqual([])
  })

  test('has the outputs of today', async () => {
    const local = await localKeeper()
    const { bootstrapServers } = local.kafka
    try {
      const folder = local.directory
      const keeper = async (args: readonly string[]) => {
        const given = ['--state', folder, ...args]
        // A file is looked for in the folder of the process.
        const isOfFile = args.includes(IMPORTED.file)
        const { out, said } = await (isOfFile ? runKeeper(given, folder) : keeperHere(given))
        return out + said
      }
      const outputs = await runExamples(buildProgram(), keeper, { bootstrapServers, folder })
      for (const { command } of [...FIRST, ...THEN].filter(({ varies }) => !varies)) {
        const { line, text } = outputs.get(command) ?? { line: command, text: 'was not run' }
        expect(written).toContain(`\n$ ${line}\n${text.trimEnd()}\n`)
      }
    } finally {
      await local.close()
    }
  }, 180_000)
})

test('times and durations are replaced, and nothing else', () => {
  expect(
    normalise('at 2026-11-27T02:13:44.868Z, 2026-11-27T02:13:44Z, since 2026-11-27 in 31 ms, 7 rows'),
  ).toBe('at 2026-02-20T12:00:00.000Z, 2026-02-20T12:00:00Z, since 2026-02-20 in 20 ms, 7 rows')
})
