import { expect, test } from '@jest/globals'
import { judge } from '../../bin/audit-report.ts'

const NOW = new Date('2026-11-27T12:00:00Z')
const reportOf = (severity: string) =>
  JSON.stringify({
    vulnerabilities: {
      pg: { via: [{ title: 'reads too much', url: 'https://github.com/advisories/GHSA-1-2-3', severity }] },
      'pg-pool': { via: ['pg'] },
    },
  })
const exception = { advisory: 'GHSA-1-2-3', why: 'we do not call it', until: '2027-01-31' }

test('a serious weakness fails until it is a written exception, whose time ends', () => {
  const report = reportOf('high')
  expect(judge(report, [], NOW)).toEqual({
    fails: true,
    lines: ['npm audit: high, pg: reads too much (https://github.com/advisories/GHSA-1-2-3)'],
  })
  expect(judge(report, [exception], NOW)).toMatchObject({
    fails: false,
    lines: [expect.stringContaining('accepted until 2027-01-31: we do not call it')],
  })
  expect(judge(report, [{ ...exception, until: '2026-11-27' }], NOW)).toMatchObject({ fails: true })
})

test('a slight one is named and fails nothing; none is said so', () => {
  expect(judge(reportOf('moderate'), [], NOW)).toMatchObject({ fails: false, lines: [expect.anything()] })
  expect(judge('{"vulnerabilities":{}}', [], NOW).lines).toEqual([
    'npm audit: no known weakness in what is shipped.',
  ])
})

test.each([
  ['', 'it does not answer'],
  ['not JSON', 'it does not answer'],
  ['{"message":"405 Method Not Allowed - POST","statusCode":405}', '405 Method Not Allowed - POST'],
])('a registry that answers %j fails nothing, and is said so', (report, why) => {
  expect(judge(report, [], NOW)).toEqual({
    fails: false,
    lines: [`npm audit: nothing was checked, because of the registry: ${why}.`],
  })
})
