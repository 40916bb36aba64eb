import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type LocalKeeper, localKeeper, runKeeper } from './local-keeper.ts'

/** What a shell offers at the press of the key. */
async function suggested(...words: string[]): Promise<string[]> {
  const { out } = await runKeeper(['complete', '--', ...words])
  return out
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '')
}

describe('without a Keeper that runs, the key completes', () => {
  test.each([
    [['top'], ['topics']],
    [['topics', 'de'], ['describe']],
    [['--stage', 'prod', 'gr'], ['groups']],
    [['messages', 'read', 'price-updates', '--wh'], ['--where']],
    [
      ['messages', 'read', 'price-updates', '--as', ''],
      ['pretty', 'raw', 'hex'],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', 'powershell'],
    ],
  ])('%j to %j', async (words, completions) => {
    expect(await suggested(...words)).toEqual(completions)
  })

  test('no topics, and says nothing that a shell would show', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'keeper-none-'))
    const words = ['--state', directory, 'topics', 'describe', '']
    expect(await runKeeper(['complete', '--', ...words])).toEqual({ code: 0, out: ':4\n', said: '' })
    await rm(directory, { recursive: true })
  })
})

describe('a script', () => {
  test.each([
    ['bash', 'complete -F __keeper_complete keeper'],
    ['zsh', '#compdef keeper'],
    ['fish', 'complete -c keeper'],
    ['powershell', "Register-ArgumentCompleter -CommandName 'keeper'"],
  ])('for %s registers keeper, and asks the program that printed it', async (shell, registers) => {
    const { out, code } = await runKeeper(['completion', shell])
    expect(code).toBe(0)
    expect(out).toContain(registers)
    expect(out).toContain(`'${process.execPath}' '`)
  })

  test('completes in a bash that has no bash-completion', async () => {
    const { out } = await runKeeper(['completion', 'bash'])
    const press = [
      'COMP_WORDS=(keeper topics de) COMP_CWORD=2',
      '__keeper_complete 2> /dev/null',
      `echo "[\${COMPREPLY[*]}]"`,
    ]
    const script = [out, ...press].join('\n')
    expect(execFileSync('bash', ['--norc', '-c', script], { encoding: 'utf8' })).toBe('[describe]\n')
  })
})

describe('of a Keeper that runs', () => {
  let local: LocalKeeper
  beforeAll(async () => {
    local = await localKeeper()
  }, 180_000)
  afterAll(() => local?.close(), 60_000)

  const of = (...words: string[]) => suggested('--state', local.directory, ...words)

  test('the key completes topics, groups and ASINs that are watched', async () => {
    expect(await of('topics', 'describe', 'pri')).toEqual(['price-updates'])
    expect(await of('groups', 'reset', '')).toEqual(
      expect.arrayContaining(['keeper-consumer-group', 'keeper-consumer-group-deals']),
    )
    const [watch] = await local.json('watches', 'list')
    expect(await of('prices', watch.asin.slice(0, 9))).toContain(watch.asin)
  })

  test('what was looked up is kept for a minute', async () => {
    await mkdir(join(local.directory, 'completion'), { recursive: true })
    await writeFile(join(local.directory, 'completion', 'local-group.json'), '["kept"]')
    expect(await of('groups', 'describe', '')).toEqual(['kept'])
    await rm(join(local.directory, 'completion', 'local-group.json'))
  })
})
