import { execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { suggested } from './completion-of-a-keeper.ts'
import { runKeeper } from './local-keeper.ts'

/** Where no Keeper runs; the rest is in completion-of-a-keeper.ts. */

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
