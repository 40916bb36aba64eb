import { expect, test } from '@jest/globals'
import { rdsToken } from '../../../lambdas/core/postgres/rds-token.ts'

const database = {
  host: 'keeper.abc.eu-central-1.rds.amazonaws.com',
  port: 5432,
  user: 'keeper_price_consumer',
}
const credentials = {
  AWS_REGION: 'eu-central-1',
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  AWS_SESSION_TOKEN: 'session/token+=',
}

test('a token is the presigned address of the database, without its scheme', async () => {
  const token = await rdsToken(database, credentials, new Date('2026-02-20T12:30:00Z'))
  const url = new URL(`https://${token}`)
  expect(token.startsWith('keeper.abc.eu-central-1.rds.amazonaws.com:5432/?')).toBe(true)
  expect(Object.fromEntries(url.searchParams)).toEqual({
    Action: 'connect',
    DBUser: 'keeper_price_consumer',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20260220/eu-central-1/rds-db/aws4_request',
    'X-Amz-Date': '20260220T123000Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'session/token+=',
    'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    'X-Amz-SignedHeaders': 'host',
  })
})

test("a token's signature is the one that AWS's algorithm gives", async () => {
  // Reckoned here by the published steps of Signature Version 4, apart from the library that the code uses.
  const { createHash, createHmac } = await import('node:crypto')
  const token = await rdsToken(database, credentials, new Date('2026-02-20T12:30:00Z'))
  const [address = '', query = ''] = token.split('/?')
  const parameters = query.split('&').filter((part) => !part.startsWith('X-Amz-Signature='))
  const hash = (text: string) => createHash('sha256').update(text).digest('hex')
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
  const canonical = ['GET', '/', parameters.sort().join('&'), `host:${address}`, '', 'host', hash('')].join(
    '\n',
  )
  const scope = '20260220/eu-central-1/rds-db/aws4_request'
  const toSign = ['AWS4-HMAC-SHA256', '20260220T123000Z', scope, hash(canonical)].join('\n')
  const key = ['20260220', 'eu-central-1', 'rds-db', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${credentials.AWS_SECRET_ACCESS_KEY}`,
  )
  const signature = createHmac('sha256', key).update(toSign).digest('hex')
  expect(query).toContain(`X-Amz-Signature=${signature}`)
})

test('without credentials the error says where they come from', async () => {
  await expect(rdsToken(database, { AWS_REGION: 'eu-central-1' })).rejects.toMatchObject({
    code: 'aws_credentials_missing',
    message: expect.stringContaining('Lambda sets them'),
  })
})
