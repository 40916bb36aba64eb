import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { METRICS } from '../../lambdas/core/metrics.ts'
import { anchorsOf } from '../../lib/runbook-rules.ts'
import { build } from './synthesized.ts'

const read = (page: string) => readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
const rows = [...read('metrics.md').matchAll(/^\| `(\w+)` \|.*\| (.*) \|$/gm)]

describe('docs/metrics.md', () => {
  test('has every metric that the code emits, and no other', () => {
    expect(rows.map(([, metric]) => metric).sort()).toEqual(Object.values(METRICS).sort())
  })

  test('names alarms that the runbook has', () => {
    const named = rows.flatMap(([, , alarms = '']) =>
      [...alarms.matchAll(/`([a-z-]+)`/g)].map(([, id]) => id),
    )
    expect(anchorsOf(read('runbook.md'))).toEqual(expect.arrayContaining(named))
  })
})

describe('docs/deploy.md', () => {
  test('says of each migration how long it takes and how it is rolled back', () => {
    const named = [...read('deploy.md').matchAll(/^\| `(\d{4}_\w+\.sql)` \| .+ \| .+ \|$/gm)].map(
      ([, name]) => name,
    )
    const files = readdirSync(new URL('../../migrations/', import.meta.url))
    expect(named).toEqual(files.filter((name) => name.endsWith('.sql')).toSorted())
  })

  test.each([
    'stage',
    'size',
    'dealDomains',
    'buyBox',
    'historyYears',
    'historyRetention',
    'historyThinning',
    'alarmEmail',
    'mailFrom',
    'existingMailIdentity',
    'publicLinks',
    'runbookUrl',
    'search',
    'existingVpc',
    'existingKafka',
    'existingDatabase',
  ])('has the setting %s', (setting) => {
    expect(read('deploy.md')).toContain(`\`${setting}\``)
  })

  test.each([
    ['alarms, dashboards', { mailFrom: undefined }],
    ['with `mailFrom`, `publicLinks` and `search`', { publicLinks: 'on', search: 'on' }],
  ])('counts what is charged by the piece: %s', (row, context) => {
    const counts = ['dev', 'small', 'large'].map((size) => {
      const template = Template.fromStack(build({ size, ...context }).monitoring)
      const count = (type: string) => Object.keys(template.findResources(`AWS::CloudWatch::${type}`)).length
      return `${count('Alarm')}, ${count('Dashboard')}`
    })
    expect(read('deploy.md')).toContain(`| ${row} | ${counts.join(' | ')} |\n`)
  })
})
