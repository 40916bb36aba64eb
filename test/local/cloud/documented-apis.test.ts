import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type WatchedCloud, watchedCloud } from './cloudwatch/watched-cloud.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../../docs/local-aws.md'), 'utf8')

/** Operations and tests of each service, as the page's table has them. */
const rows = [
  ...PAGE.matchAll(/^\| \[([^\]]+)\]\([^)]+\) \| ((?:[A-Z]\w+, )*[A-Z]\w+) \| [^|]+ \| (.+) \|$/gm),
].map(([, service = '', operations = '', tests = '']) => ({
  service,
  operations: operations.split(', '),
  tests: [...tests.matchAll(/`([\w/-]+\.test\.ts)`/g)].map(([, file = '']) => file),
}))

let watched: WatchedCloud
let url: string
beforeAll(async () => {
  watched = await watchedCloud({})
  url = await watched.cloud.openApi(0)
})
afterAll(() => watched.cloud.stop(0))

/** What a service says it has, when it is asked for what it has not. */
async function offered(headers: Record<string, string>, body: string): Promise<readonly string[]> {
  const response = await fetch(url, { method: 'POST', headers, body })
  const [, list = ''] = /there are ([\w, ]+)/.exec(await response.text()) ?? []
  return list.split(', ')
}

describe('the page of the local APIs', () => {
  test('names tests that exist, and no service without one', () => {
    expect(rows.map(({ service }) => service)).toHaveLength(8)
    for (const { tests } of rows) {
      expect(tests.length).toBeGreaterThan(0)
      for (const file of tests) expect(existsSync(join(import.meta.dirname, file))).toBe(true)
    }
  })

  test.each([
    ['CloudWatch', { 'x-amz-target': 'GraniteServiceVersion20100801.None' }, '{}'],
    ['CloudWatch Logs', { 'x-amz-target': 'Logs_20140328.None' }, '{}'],
    ['SQS', { 'x-amz-target': 'AmazonSQS.None' }, '{}'],
    [
      'CloudFormation',
      { 'content-type': 'application/x-www-form-urlencoded' },
      'Action=None&Version=2010-05-15',
    ],
    ['STS', { 'content-type': 'application/x-www-form-urlencoded' }, 'Action=None&Version=2011-06-15'],
  ])('names every operation of %s', async (service, headers, body) => {
    const documented = rows.find((row) => row.service === service)?.operations ?? []
    expect([...documented].sort()).toEqual([...(await offered(headers, body))].sort())
  })
})
