import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  GetAccountCommand,
  GetEmailIdentityCommand,
  SESv2Client,
  SendEmailCommand,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { LocalCloud } from '../../../../local/cloud/cloud.ts'
import { readRule } from '../../../../local/cloud/events/rule-resource.ts'
import { readMailResources } from '../../../../local/cloud/ses/mail-resources.ts'
import type { Resource } from '../../../../local/cloud/template/assembly.ts'
import { ownDir } from '../../../helpers/stoppable.ts'
import { until } from '../../until.ts'
import { localClient } from '../local-client.ts'

const resource = (type: string, logicalId: string, properties: object): Resource => ({
  ...{ stack: 'stack', logicalId, type, path: `stack/${logicalId}`, assetDirectory: undefined },
  properties: properties as Resource['properties'],
})

/** As CloudFormation has it. */
const MAIL = [
  resource('AWS::SES::EmailIdentity', 'sender', { EmailIdentity: 'Keeper@Example.com' }),
  resource('AWS::SES::EmailIdentity', 'domain', { EmailIdentity: 'shop.example' }),
  resource('AWS::SES::ConfigurationSet', 'mails', {}),
  resource('AWS::SES::ConfigurationSetEventDestination', 'events', {
    ConfigurationSetName: { Ref: 'mails' },
    EventDestination: {
      Enabled: true,
      MatchingEventTypes: ['SEND', 'DELIVERY', 'BOUNCE', 'COMPLAINT'],
      EventBridgeDestination: { EventBusArn: 'arn' },
    },
  }),
]
const RULE = resource('AWS::Events::Rule', 'bounces', {
  EventPattern: { source: ['aws.ses'], 'detail-type': ['Email Bounced', 'Email Complaint Received'] },
  State: 'ENABLED',
  Targets: [{ Arn: { 'Fn::GetAtt': ['recorder', 'Arn'] }, Id: 'Target0' }],
})

let cloud: LocalCloud
let client: SESv2Client
let directory: string
beforeEach(async () => {
  directory = await ownDir('ses')
  const nothing = () => undefined
  cloud = new LocalCloud({
    template: {
      ...{ topics: [], mappings: [], schedules: [], triggers: [] },
      functions: [
        {
          ...{ id: 'stack/recorder', name: 'recorder', handler: 'index.handler' },
          codeDirectory: join(import.meta.dirname, '..', 'fixtures', 'recorder'),
          ...{ timeoutSeconds: 20, memoryMb: 128, environment: {} },
        },
      ],
      mail: readMailResources(MAIL),
      rules: readRule(RULE),
    },
    bootstrapServers: '127.0.0.1:1',
    logDirectory: join(directory, 'logs'),
    variables: () => ({
      RECORD_FILE: join(directory, 'record.jsonl'),
      CONTROL_FILE: join(import.meta.dirname, 'keep-events.json'),
    }),
    events: { retrying: nothing, waiting: nothing, reading: nothing, scheduled: nothing },
  })
  client = new SESv2Client(localClient(await cloud.openApi(0)))
})
afterEach(async () => {
  client.destroy()
  await cloud.stop(0)
})

const mail = (more: Partial<SendEmailCommandInput> = {}): SendEmailCommandInput => ({
  FromEmailAddress: 'Keeper <keeper@example.com>',
  Destination: { ToAddresses: ['reader@example.com'] },
  ConfigurationSetName: 'mails',
  Content: {
    Simple: {
      Subject: { Data: '84,99 € – Kopfhörer', Charset: 'UTF-8' },
      Body: { Text: { Data: 'Text' }, Html: { Data: '<img src="cid:chart">' } },
      Headers: [{ Name: 'X-Keeper-Message-Id', Value: '31' }],
      Attachments: [
        {
          ...{ FileName: 'chart.png', ContentType: 'image/png', ContentId: 'chart' },
          ...{ ContentDisposition: 'INLINE', RawContent: Buffer.from('PNG') },
        },
      ],
    },
  },
  EmailTags: [{ Name: 'keeper-message', Value: '31' }],
  ...more,
})
const send = (more: Partial<SendEmailCommandInput> = {}) => client.send(new SendEmailCommand(mail(more)))

test('SendEmail leaves the mail in the mail folder, under the id that it answers', async () => {
  const { MessageId: id } = await send()
  const stored = JSON.parse(await readFile(join(directory, 'mail', `${id}.json`), 'utf8'))
  expect(stored).toEqual({
    id,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    from: 'Keeper <keeper@example.com>',
    to: ['reader@example.com'],
    subject: '84,99 € – Kopfhörer',
    headers: { 'X-Keeper-Message-Id': '31' },
    text: 'Text',
    html: '<img src="cid:chart">',
    attachments: [
      {
        ...{ name: 'chart.png', contentType: 'image/png', contentId: 'chart' },
        content: Buffer.from('PNG').toString('base64'),
      },
    ],
  })
})

test('an address of a verified domain may send too', async () => {
  await expect(send({ FromEmailAddress: 'a@news.shop.example' })).resolves.toMatchObject({
    MessageId: expect.any(String),
  })
})

test.each([
  [
    'a sender without an identity',
    { FromEmailAddress: 'a@other.example' },
    'MailFromDomainNotVerifiedException',
    400,
  ],
  ['a configuration set that is not there', { ConfigurationSetName: 'none' }, 'NotFoundException', 404],
  ['no recipient', { Destination: { ToAddresses: [] } }, 'BadRequestException', 400],
  ['what is not an address', { Destination: { ToAddresses: ['reader'] } }, 'BadRequestException', 400],
  [
    'an address of other letters',
    { Destination: { ToAddresses: ['ada@bücher.example'] } },
    'BadRequestException',
    400,
  ],
  ['no content', { Content: {} }, 'BadRequestException', 400],
  ['a tag with a blank', { EmailTags: [{ Name: 'a', Value: 'b c' }] }, 'BadRequestException', 400],
])('SendEmail refuses %s as SES does, and stores nothing', async (_, more, name, status) => {
  await expect(send(more)).rejects.toMatchObject({ name, $metadata: { httpStatusCode: status } })
  await expect(readdir(join(directory, 'mail'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test.each([
  ['of other characters than ASCII', { Name: 'X-A', Value: 'ü' }],
  ['longer than SES takes', { Name: 'X-A', Value: 'a'.repeat(995) }],
])('SendEmail refuses a header %s', async (_, header) => {
  const content = { Simple: { ...mail().Content?.Simple, Headers: [header] } }
  await expect(send({ Content: content } as never)).rejects.toMatchObject({ name: 'BadRequestException' })
})

test('GetAccount says what may be sent, and how fast', async () => {
  await send()
  await expect(client.send(new GetAccountCommand())).resolves.toMatchObject({
    ProductionAccessEnabled: true,
    SendingEnabled: true,
    SendQuota: { MaxSendRate: 14, SentLast24Hours: 1 },
  })
})

test('GetEmailIdentity knows the identities of the template, and no other', async () => {
  const get = (EmailIdentity: string) => client.send(new GetEmailIdentityCommand({ EmailIdentity }))
  await expect(get('keeper@example.com')).resolves.toMatchObject({
    IdentityType: 'EMAIL_ADDRESS',
    VerifiedForSendingStatus: true,
    DkimAttributes: { Status: 'SUCCESS' },
  })
  await expect(get('shop.example')).resolves.toMatchObject({ IdentityType: 'DOMAIN' })
  await expect(get('a@other.example')).rejects.toMatchObject({ name: 'NotFoundException' })
})

interface MailEvent {
  readonly 'detail-type': string
  readonly source: string
  readonly detail: Readonly<Record<string, unknown>>
}

const eventsTold = async (): Promise<readonly MailEvent[]> => {
  const text = await readFile(join(directory, 'record.jsonl'), 'utf8').catch(() => '')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => (JSON.parse(line) as { event: MailEvent }).event)
}

test("a bounce of SES's simulator reaches the rule's function, with the mail's tags", async () => {
  const { MessageId: messageId } = await send({
    Destination: { ToAddresses: ['bounce+1@simulator.amazonses.com'] },
  })
  const [event] = await until(async () => (await eventsTold()).length > 0 && eventsTold())
  expect(event).toMatchObject({
    'detail-type': 'Email Bounced',
    source: 'aws.ses',
    resources: ['arn:aws:ses:us-east-1:000000000000:configuration-set/mails'],
    detail: {
      eventType: 'Bounce',
      mail: { messageId, tags: { 'keeper-message': ['31'], 'ses:configuration-set': ['mails'] } },
      bounce: {
        bounceType: 'Permanent',
        bouncedRecipients: [{ emailAddress: 'bounce+1@simulator.amazonses.com' }],
      },
    },
  })
})

test('a complaint comes after a delivery; the rule takes what its pattern names alone', async () => {
  await send()
  await send({ Destination: { ToAddresses: ['complaint@simulator.amazonses.com'] } })
  const events = await until(async () => (await eventsTold()).length > 0 && eventsTold())
  expect(events).toMatchObject([
    {
      'detail-type': 'Email Complaint Received',
      detail: { complaint: { complaintFeedbackType: 'abuse' } },
    },
  ])
})

test('without the configuration set nothing is told of a mail', async () => {
  const simulated = ['bounce@simulator.amazonses.com']
  await send({ ConfigurationSetName: undefined, Destination: { ToAddresses: simulated } })
  await send({ Destination: { ToAddresses: simulated } })
  await until(async () => (await eventsTold()).length > 0)
  expect(await eventsTold()).toHaveLength(1)
})
