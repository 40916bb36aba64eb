import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type AuditException, judge } from './audit-report.ts'

/**
 * `npm run audit`: known weaknesses of what is shipped, by `npm audit --omit=dev`. Fails where there is a serious one that
 * bin/audit-exceptions.json does not have; where the registry does not answer, it says so and fails nothing.
 */
const EXCEPTIONS = join(import.meta.dirname, 'audit-exceptions.json')
const exceptions = JSON.parse(readFileSync(EXCEPTIONS, 'utf8')) as readonly AuditException[]

const args = ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=20000']
const { stdout } = spawnSync('npm', args, {
  encoding: 'utf8',
  timeout: 60_000,
  stdio: ['ignore', 'pipe', 'ignore'],
})
const { fails, lines } = judge(stdout ?? '', exceptions, new Date())
for (const line of lines) console.log(line)
process.exitCode = fails ? 1 : 0
