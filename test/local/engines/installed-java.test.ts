import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { findNewerJava } from '../../../local/engines/installed-java.ts'
import { machineWith } from '../../helpers/programs.ts'
import { ownDir } from '../../helpers/stoppable.ts'

const saying = (version: string) => `echo 'openjdk version "${version}"' >&2`

/** A home in which sdkman has installed some. */
async function homeWith(...versions: readonly string[]): Promise<string> {
  const home = await ownDir('home')
  for (const version of versions) {
    const bin = join(home, '.sdkman/candidates/java', version, 'bin')
    await mkdir(bin, { recursive: true })
    await writeFile(join(bin, 'java'), `#!/bin/sh\n${saying(version)}\n`)
    await chmod(join(bin, 'java'), 0o755)
  }
  return home
}

test('the newest that is installed is taken where the one on PATH is too old', async () => {
  const HOME = await homeWith('99.0.1', '98.0.2')
  const environment = { ...(await machineWith({ java: saying('17.0.15') })), HOME }
  const found = await findNewerJava('OpenSearch', 90, environment)
  expect(found).toEqual({ version: '99.0.1', command: expect.stringContaining('99.0.1/bin/java') })
})

test('the one of JAVA_HOME is taken before a newer one', async () => {
  const HOME = await homeWith('99.0.1', '91.0.2')
  const JAVA_HOME = join(HOME, '.sdkman/candidates/java/91.0.2')
  const environment = { ...(await machineWith({ java: saying('17.0.15') })), HOME, JAVA_HOME }
  expect(await findNewerJava('OpenSearch', 90, environment)).toMatchObject({ version: '91.0.2' })
})

test('a sentence says what is missing, and what was found', async () => {
  const environment = { ...(await machineWith({ java: saying('17.0.15') })), HOME: await homeWith() }
  const found = await findNewerJava('OpenSearch', 200, environment)
  expect(found).toEqual({
    missing: expect.stringMatching(/^Java 200 or later, for OpenSearch: found .*17\.0\.15/),
  })
})
