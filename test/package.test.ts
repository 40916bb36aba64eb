import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'

interface Locked {
  readonly resolved?: string
  readonly hasInstallScript?: boolean
}

const ROOT = join(import.meta.dirname, '..')
let allowScripts: Readonly<Record<string, boolean>>
let locked: readonly (readonly [name: string, Locked])[]

beforeAll(async () => {
  const read = async (file: string) => JSON.parse(await readFile(join(ROOT, file), 'utf8'))
  ;({ allowScripts } = await read('package.json'))
  const { packages }: { packages: Record<string, Locked> } = await read('package-lock.json')
  locked = Object.entries(packages).map(([path, one]) => [path.replace(/^.*node_modules\//, ''), one])
})

describe('npm ci', () => {
  test('has an answer for every install script of every platform, and for no other package', () => {
    const withScript = locked.flatMap(([name, { hasInstallScript }]) => (hasInstallScript ? [name] : []))
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(withScript)].sort())
  })

  test('takes packages from whatever registry it is set to: the lock names none', () => {
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([])
  })
})

test.each(['security', 'recovery'])('docs/%s.md names tests that exist', async (page) => {
  const text = await readFile(join(ROOT, 'docs', `${page}.md`), 'utf8')
  const named = [...text.matchAll(/`(test\/[\w./-]+\.test\.ts)`/g)].map(([, file = '']) => file)
  expect(named.length).toBeGreaterThan(0)
  expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([])
})
