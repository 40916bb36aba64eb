import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readDatabasePassword, readSecret } from '../../lambdas/core/secrets.ts'

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:keeper-AbCdEf'

let server: Server
let before: NodeJS.ProcessEnv
let asked: { target: unknown; body: unknown }[]
let answer: { status: number; body: object }

/** Speaks as much of Secrets Manager's JSON protocol as GetSecretValue takes. */
beforeEach(async () => {
  asked = []
  before = { ...process.env }
  server = createServer(async (request, response) => {
    asked.push({ target: request.headers['x-amz-target'], body: await json(request) })
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
})
afterEach(async () => {
  process.env = before
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const holds = (SecretString?: string) => {
  answer = { status: 200, body: { ARN, Name: 'keeper', SecretString } }
}

test('reads the text of a secret, anew at each call, so that a rotated one is seen', async () => {
  holds('first')
  expect(await readSecret(ARN)).toBe('first')
  holds('second')
  expect(await readSecret(ARN)).toBe('second')
  expect(asked).toEqual(
    [1, 2].map(() => ({ target: 'secretsmanager.GetSecretValue', body: { SecretId: ARN } })),
  )
})

test('a secret that may not be read is named, with AWS’s reason', async () => {
  answer = { status: 400, body: { __type: 'AccessDeniedException', Message: 'not authorized to perform' } }
  await expect(readSecret(ARN)).rejects.toMatchObject({
    code: 'secret_unreadable',
    message: expect.stringMatching(/keeper-AbCdEf cannot be read: .*not authorized/),
    retriable: true,
  })
})

test('a secret without text is unreadable', async () => {
  holds(undefined)
  await expect(readSecret(ARN)).rejects.toMatchObject({ code: 'secret_unreadable' })
})

test('reads the password of a database secret', async () => {
  holds(JSON.stringify({ username: 'keeper', password: 's3cret"' }))
  expect(await readDatabasePassword(ARN)).toBe('s3cret"')
})

test.each(['{"username":"keeper"}', '{"password":7}', 's3cret', 'null'])(
  'a database secret like %p is refused without showing it',
  async (text) => {
    holds(text)
    const error = await readDatabasePassword(ARN).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'secret_unreadable', message: expect.stringContaining(ARN) })
    expect(String((error as Error).message)).not.toContain('s3cret')
  },
)
