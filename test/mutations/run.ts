import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { MUTATIONS, type Mutation } from './mutations.ts'

/**
 * `npm run mutate [-- words of a guard]`: breaks one guard after the other in a copy of the checkout, and runs the tests
 * that must notice, until one does. Exits with 1 where a guard can be broken unnoticed, or where a test fails without that;
 * `--no-baseline` leaves out the run that finds that.
 */
const ROOT = join(import.meta.dirname, '..', '..')
const PATIENCE_MS = 240_000
const LEFT_OUT = new Set(['node_modules', '.git', '.local', 'cdk.out'])

const { values, positionals: words } = parseArgs({
  allowPositionals: true,
  options: { 'no-baseline': { type: 'boolean', default: false } },
})
const chosen = MUTATIONS.filter(({ guard }) => words.every((word) => guard.includes(word)))
const copy = await mkdtemp(join(tmpdir(), 'keeper-mutations-'))
const unnoticed: string[] = []
try {
  await cp(ROOT, copy, { recursive: true, filter: (from) => !LEFT_OUT.has(basename(from)) })
  await symlink(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  // The broker's jars, which Maven would bring once more.
  await mkdir(join(copy, '.local'))
  await symlink(join(ROOT, '.local', 'kafka'), join(copy, '.local', 'kafka'))

  if (!values['no-baseline']) {
    const failed = await failing([...new Set(chosen.flatMap(({ tests }) => tests))])
    if (failed.length > 0) throw new Error(`These tests fail as the code is: ${failed.join('; ')}`)
  }
  console.log('| guard | tests | noticed by |\n|---|---|---|')
  for (const mutation of chosen) {
    const failed = await whileBroken(mutation, () => failing(mutation.tests, '--bail'))
    if (failed.length === 0) unnoticed.push(mutation.guard)
    console.log(`| ${mutation.guard} | ${mutation.tests.join(', ')} | ${failed[0] ?? 'NONE'} |`)
  }
} finally {
  await rm(copy, { recursive: true, force: true })
}
console.log(`${chosen.length - unnoticed.length} of ${chosen.length} broken guards were noticed`)
process.exit(unnoticed.length === 0 ? 0 : 1)

async function whileBroken<T>({ file, from, to }: Mutation, work: () => Promise<T>): Promise<T> {
  const path = join(copy, file)
  const source = await readFile(path, 'utf8')
  await writeFile(
    path,
    source.replace(from, () => to),
  )
  try {
    return await work()
  } finally {
    await writeFile(path, source)
  }
}

/** What of these files fails: with `--bail` the first test alone. A file that cannot run at all counts as one. */
async function failing(tests: readonly string[], ...options: readonly string[]): Promise<readonly string[]> {
  const files = tests.map((name) => join('test', `${name}.test.ts`))
  const child = spawn(
    process.execPath,
    [
      ...[
        '--experimental-vm-modules',
        '--disable-warning=ExperimentalWarning',
        'node_modules/jest/bin/jest.js',
      ],
      ...['--maxWorkers=1', ...options, '--runTestsByPath', ...files],
    ],
    {
      ...{ cwd: copy, stdio: ['ignore', 'ignore', 'pipe'] },
      env: { ...process.env, KEEPER_CUTS_SHRINK: 'no' },
    },
  )
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk
  })
  // A broken guard may let a test run in circles.
  const patience = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS)
  const [code, name] = await once(child, 'close')
  clearTimeout(patience)
  if (name === 'SIGKILL') return ['a test that does not end']
  const titles = new Set([...said.matchAll(/^ {2}● (.+)$/gm)].map(([, title = '']) => title))
  return code === 0 ? [] : [...titles, 'jest failed'].slice(0, Math.max(1, titles.size))
}
