import { createHash } from 'node:crypto'

/** Marks a value that is a string. */
const STRING = Buffer.from([1])

/**
 * The digest of a message's attributes, all of them strings, which receivers may check.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function attributeDigest(attributes: readonly (readonly [name: string, text: string])[]): string {
  const digest = createHash('md5')
  for (const [name, text] of [...attributes].sort(([a], [b]) => (a < b ? -1 : 1))) {
    for (const part of [name, 'String']) digest.update(withLength(part))
    digest.update(STRING).update(withLength(text))
  }
  return digest.digest('hex')
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
