import { expect, test } from '@jest/globals'
import { attributeDigest } from '../../../../local/cloud/sqs/attribute-digest.ts'

/** What SQS answered for these attributes, as other emulators' tests have it. */
test('is the one that SQS gives', () => {
  const timestamp = { name: 'timestamp', dataType: 'Number', text: '1493147359900' } as const
  expect(attributeDigest([timestamp])).toBe('235c5c510d26fb653d073faed50ae77c')
})

test('does not depend on the order of the attributes', () => {
  const [a, b] = ['a', 'b'].map((name) => ({ name, dataType: 'String' as const, text: 'x' }))
  expect(a && b && attributeDigest([b, a])).toBe(a && b && attributeDigest([a, b]))
})
