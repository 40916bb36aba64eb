import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'

const run = promisify(execFile)
const PROJECT_ROOT = join(import.meta.dirname, '..', '..')

/** A copy of what the command is made of: it writes into lib/. */
let project: string
beforeEach(async () => {
  project = await mkdtemp(join(tmpdir(), 'keeper-record-'))
  for (const folder of ['bin', 'lib', 'lambdas']) {
    await cp(join(PROJECT_ROOT, folder), join(project, folder), { recursive: true })
  }
  await writeFile(join(project, 'package.json'), '{ "type": "module" }')
  await symlink(join(PROJECT_ROOT, 'node_modules'), join(project, 'node_modules'))
  await mkdir(join(project, 'cdk.out'))
  await writeFile(join(project, 'lib', 'deployed-stages.json'), '{ "other": { "size": "dev" } }')
})
afterEach(() => rm(project, { recursive: true, force: true }))

const record = (...args: string[]) =>
  run(process.execPath, ['bin/record-stage.ts', ...args], { cwd: project })
const synthesized = (stage: string, template: object) =>
  writeFile(join(project, 'cdk.out', `keeper-${stage}-data.template.json`), JSON.stringify(template))

describe('npm run record-stage', () => {
  test('keeps what a stage was synthesized with, beside the other stages', async () => {
    await synthesized('prod', { Metadata: { 'keeper:stage': { size: 'small' } }, Resources: {} })
    expect((await record('prod')).stdout).toContain('Recorded stage prod in lib/deployed-stages.json')
    expect(JSON.parse(await readFile(join(project, 'lib', 'deployed-stages.json'), 'utf8'))).toEqual({
      other: { size: 'dev' },
      prod: { size: 'small' },
    })
  })

  test.each([
    ['no stage', [], 'Name the stage that was deployed: npm run record-stage -- <stage> [cdk.out].'],
    [
      'a stage that was not synthesized',
      ['prod'],
      'keeper-prod-data.template.json does not exist: run npx cdk synth',
    ],
    ['a template without a record', ['old'], 'keeper-old-data.template.json has no record of its stage'],
  ])('says what to do about %s', async (_, args, message) => {
    await synthesized('old', { Resources: {} })
    await expect(record(...args)).rejects.toMatchObject({ stderr: expect.stringContaining(message) })
  })

  test('runs with the Node that npm puts first, as an older one on the machine cannot read TypeScript', async () => {
    const { scripts } = JSON.parse(await readFile(join(PROJECT_ROOT, 'package.json'), 'utf8'))
    expect(scripts['record-stage']).toBe('node bin/record-stage.ts')
    expect(await readFile(join(PROJECT_ROOT, 'docs', 'deploy.md'), 'utf8')).not.toContain('node bin/')
  })
})
