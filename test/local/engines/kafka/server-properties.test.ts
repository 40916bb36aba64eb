import { expect, test } from '@jest/globals'
import { brokerProperties } from '../../../../local/engines/kafka/server-properties.ts'

test('a path of any characters is written as Java reads it: in ASCII, with escapes', () => {
  const dataDir = '/home/jörg/x y/日本/a\\b/data'
  const text = brokerProperties({ port: 1, controllerPort: 2, dataDir, extraListeners: [] })
  expect(text).toContain('log.dirs=/home/j\\u00f6rg/x y/\\u65e5\\u672c/a\\\\b/data\n')
})
