import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { cachedAssembly } from '../../local/assembly-cache.ts'

let directory: string
let made: string[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'keeper-assembly-'))
  made = []
  for (const folder of ['bin', 'lib', 'lambdas', 'migrations']) {
    await mkdir(join(root(), folder), { recursive: true })
  }
  for (const file of ['package-lock.json', 'cdk.json', 'tsconfig.json', 'lib/stack.ts']) {
    await writeFile(join(root(), file), '{}')
  }
})
afterEach(() => rm(directory, { recursive: true, force: true }))

const cache = () => join(directory, 'cache')
const root = () => join(directory, 'root')

/** In the app's place: leaves a number in a file. */
async function app(path: string): Promise<void> {
  made.push(path)
  await mkdir(path)
  await writeFile(join(path, 'manifest.json'), String(made.length))
}

/** What a run with these settings gets. */
async function assemblyFor(run: string, settings: unknown = {}, synthesize = app): Promise<string> {
  await cachedAssembly(join(directory, run), { root: root(), cache: cache(), settings, synthesize })
  return readFile(join(directory, run, 'manifest.json'), 'utf8')
}

test('the same files with the same settings are synthesized once', async () => {
  expect([await assemblyFor('one'), await assemblyFor('two'), await assemblyFor('one')]).toEqual([
    '1',
    '1',
    '1',
  ])
})

test('other settings are synthesized by themselves', async () => {
  expect([await assemblyFor('one'), await assemblyFor('two', { stage: 'other' })]).toEqual(['1', '2'])
})

test.each([
  ['changed', 'lib/stack.ts'],
  ['added', 'lambdas/handler.ts'],
  ['locked', 'package-lock.json'],
])('a file that is %s is synthesized', async (_, file) => {
  await assemblyFor('one')
  await writeFile(join(root(), file), '{ }')
  expect(await assemblyFor('one')).toBe('2')
})

test('a run keeps its copy when the cache is cleared', async () => {
  await assemblyFor('one')
  await rm(cache(), { recursive: true })
  expect(await readFile(join(directory, 'one', 'manifest.json'), 'utf8')).toBe('1')
})

test('what was left of an earlier run is replaced', async () => {
  await mkdir(join(directory, 'one'))
  await writeFile(join(directory, 'one', 'old'), '')
  await assemblyFor('one')
  expect(await readdir(join(directory, 'one'))).toEqual(['manifest.json'])
})

test('an app that fails leaves nothing, and is tried again', async () => {
  const fails = async (path: string) => {
    await app(path)
    throw new Error('no such size')
  }
  await expect(assemblyFor('one', {}, fails)).rejects.toThrow('no such size')
  expect(await readdir(cache())).toEqual([])
  expect(await assemblyFor('one')).toBe('2')
})

test('two runs at once both get it', async () => {
  await Promise.all([assemblyFor('one'), assemblyFor('two')])
  expect(await readdir(cache())).toHaveLength(1)
})

test('the cache does not grow with every change', async () => {
  for (let stage = 0; stage < 9; stage += 1) await assemblyFor('one', { stage })
  expect((await readdir(cache())).length).toBeLessThanOrEqual(6)
})
