import { createHash } from 'node:crypto'

/** A message's attribute whose value is text. */
export interface TextAttribute {
  readonly name: string
  readonly dataType: 'String' | 'Number'
  readonly text: string
}

/** Marks a value that is text. */
const TEXT = Buffer.from([1])

/**
 * The digest of a message's attributes, which receivers may check.
 * https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html#sqs-attributes-md5-message-digest-calculation
 */
export function attributeDigest(attributes: readonly TextAttribute[]): string {
  const digest = createHash('md5')
  for (const { name, dataType, text } of [...attributes].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    digest.update(withLength(name)).update(withLength(dataType)).update(TEXT).update(withLength(text))
  }
  return digest.digest('hex')
}

function withLength(text: string): Buffer {
  const bytes = Buffer.from(text)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(bytes.length)
  return Buffer.concat([length, bytes])
}
