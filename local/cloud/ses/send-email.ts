import { ApiError, type Values } from '../protocols/api.ts'
import { Input } from '../protocols/input.ts'
import { addressOf, type MailAttachment } from './mail.ts'

/** What a request of SendEmail asks for. */
export interface SendEmail {
  readonly from: string
  readonly to: readonly string[]
  readonly configurationSet: string | undefined
  readonly tags: Readonly<Record<string, readonly string[]>>
  readonly subject: string
  readonly text: string | null
  readonly html: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly attachments: readonly MailAttachment[]
}

const INVALID = 'BadRequestException'
const MOST_RECIPIENTS = 50
const TAG = /^[A-Za-z0-9_.@-]{1,256}$/

/**
 * Reads a request with simple content, and refuses what SES refuses.
 * https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
 * @throws ApiError `BadRequestException`
 */
export function readSendEmail(values: Values): SendEmail {
  const input = new Input(values, INVALID)
  const content = input.structure('Content') ?? input.refuse('Content is required.')
  const simple = content.structure('Simple')
  if (!simple) return input.refuse('Content.Simple is required: raw and template content are not emulated.')
  const from = input.text('FromEmailAddress')
  const to = recipientsOf(input)
  if (![from, ...to].every(isMailbox)) {
    throw new ApiError(INVALID, 'Missing final @domain')
  }
  if (![from, ...to].every(isAscii)) {
    throw new ApiError(INVALID, 'An address is 7-bit ASCII, its domain in Punycode.')
  }
  const body = simple.structure('Body') ?? input.refuse('Content.Simple.Body is required.')
  const [text, html] = [dataOf(body, 'Text'), dataOf(body, 'Html')]
  if (text === null && html === null) input.refuse('Content.Simple.Body needs Text or Html.')
  return {
    from,
    to,
    configurationSet: input.optionalText('ConfigurationSetName'),
    tags: tagsOf(input),
    subject: dataOf(simple, 'Subject') ?? input.refuse('Content.Simple.Subject is required.'),
    ...{ text, html },
    headers: headersOf(simple),
    attachments: (simple.structures('Attachments') ?? []).map(attachmentOf),
  }
}

function recipientsOf(input: Input): readonly string[] {
  const destination = input.structure('Destination') ?? input.refuse('Destination is required.')
  const all = ['ToAddresses', 'CcAddresses', 'BccAddresses'].flatMap((name) => destination.texts(name) ?? [])
  if (all.length === 0) input.refuse('Destination needs an address.')
  if (all.length > MOST_RECIPIENTS) input.refuse(`Recipient count exceeds ${MOST_RECIPIENTS}.`)
  return all
}

const dataOf = (input: Input, name: string): string | null => input.structure(name)?.text('Data') ?? null

/** Names and values are US-ASCII and together at most 996 characters. */
function headersOf(simple: Input): Readonly<Record<string, string>> {
  return Object.fromEntries(
    (simple.structures('Headers') ?? []).map((header) => {
      const [name, value] = [header.text('Name'), header.text('Value')]
      if (!/^[\x21-\x39\x3b-\x7e]{1,126}$/.test(name)) header.refuse(`${name} is not a header's name.`)
      if (!/^[\x20-\x7e]+$/.test(value)) header.refuse(`The header ${name} has characters outside of ASCII.`)
      if (name.length + value.length > 996) header.refuse(`The header ${name} is longer than 996 characters.`)
      return [name, value]
    }),
  )
}

function tagsOf(input: Input): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    (input.structures('EmailTags') ?? []).map((tag) => {
      const [name, value] = [tag.text('Name'), tag.text('Value')]
      if (![name, value].every((each) => TAG.test(each))) tag.refuse(`${name}=${value} is not a tag.`)
      return [name, [value]]
    }),
  )
}

function attachmentOf(attachment: Input): MailAttachment {
  const content = attachment.text('RawContent')
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(content)) attachment.refuse('RawContent must be Base64.')
  return {
    name: attachment.text('FileName'),
    contentType: attachment.optionalText('ContentType') ?? 'application/octet-stream',
    contentId: attachment.optionalText('ContentId') ?? null,
    content,
  }
}

const isMailbox = (mailbox: string): boolean => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(addressOf(mailbox))

/** https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_Destination.html */
const isAscii = (mailbox: string): boolean => /^[\x21-\x7e]+$/.test(addressOf(mailbox))
