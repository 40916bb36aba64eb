import { request } from 'node:http'
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch'
import { KafkaClient, ListClustersV2Command } from '@aws-sdk/client-kafka'
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda'
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import { metricsFunction, type WatchedCloud, watchedCloud } from './cloudwatch/watched-cloud.ts'
import { localClient } from './local-client.ts'

let watched: WatchedCloud
let url: string
beforeAll(async () => {
  watched = await watchedCloud({ functions: [metricsFunction()] })
  url = await watched.cloud.openApi(0)
})
afterAll(() => watched.cloud.stop(0))

/** Sends what fetch does not let a caller send. */
function send(method: string, path: string, headers: Record<string, string>, body = '') {
  return new Promise<{ readonly status: number | undefined; readonly body: string }>((resolve, reject) => {
    request(`${url}${path}`, { method, headers }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      resolve({ status: response.statusCode, body: Buffer.concat(chunks).toString('utf8') })
    })
      .once('error', reject)
      .end(body)
  })
}

describe('a signed request', () => {
  test('goes to the service that its signature names, whatever else it looks like', async () => {
    const authorization =
      'AWS4-HMAC-SHA256 Credential=AKID/20260328/eu-central-1/scheduler/aws4_request, SignedHeaders=host, Signature=0'
    const { status, body } = await send('GET', '/2015-03-31/functions', { authorization })
    expect(status).toBe(404)
    expect(body).toContain('there are GET /schedules,')
  })

  test.each<[string, () => Promise<unknown>]>([
    ['REST', () => new KafkaClient(localClient(url)).send(new ListClustersV2Command({}))],
    ['JSON', () => new SecretsManagerClient(localClient(url)).send(new ListSecretsCommand({}))],
  ])('of a service that is not here is refused in its protocol: %s', async (_, ask) => {
    await expect(ask()).rejects.toMatchObject({
      name: 'UnknownOperationException',
      message: expect.stringMatching(/^There is no service (kafka|secretsmanager) here; there are lambda,/),
      $metadata: { httpStatusCode: 404 },
    })
  })
})

describe('an unsigned request', () => {
  test('goes to the service whose path it has', async () => {
    const { status, body } = await send('GET', '/2015-03-31/functions/', {})
    expect([status, JSON.parse(body).Functions.length]).toEqual([200, 1])
  })

  test('goes to the service whose operation it names', async () => {
    const json = await send('POST', '/', { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' }, '{}')
    expect(JSON.parse(json.body).logGroups[0].logGroupName).toBe('/aws/lambda/metrics')
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = await send('POST', '/', form, 'Action=GetCallerIdentity&Version=2011-06-15')
    expect(query.body).toContain('<Account>000000000000</Account>')
  })

  test('that no service knows is refused in its form', async () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const query = await send('POST', '/', form, 'Action=ListUsers&Version=2010-05-08')
    expect(query.body).toContain('<Code>InvalidAction</Code>')
    const json = await send('POST', '/', { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, '{}')
    expect([json.status, JSON.parse(json.body).message]).toEqual([
      404,
      expect.stringContaining('There is no POST / here; there are lambda, scheduler,'),
    ])
  })

  test.each(['', '[1]', '{', 'null'])('whose body is %j is answered', async (body) => {
    const { status } = await send('POST', '/', { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' }, body)
    expect(status).toBe(body === '' ? 200 : 400)
  })
})

describe('a page in a browser', () => {
  test.each(['shop.example', '127.0.0.1', '127.0.0.1.shop.example:80'])(
    'that has its name %j point here is refused',
    async (host) => {
      const { status } = await send('GET', '/2015-03-31/functions', { host })
      expect(status).toBe(403)
    },
  )

  test('is refused by its origin, in whatever protocol it asks', async () => {
    const settings = localClient(url)
    const asks = [
      () => new LambdaClient(settings),
      () => new CloudWatchClient(settings),
      () => new CloudWatchClient({ ...settings, protocol: SmithyRpcV2CborProtocol }),
      () => new CloudFormationClient(settings),
    ].map(async (open) => {
      const client = open()
      client.middlewareStack.add(
        (next) => (args) => {
          ;(args.request as { headers: Record<string, string> }).headers.origin = 'https://shop.example'
          return next(args)
        },
        { step: 'build' },
      )
      const answered =
        client instanceof LambdaClient
          ? client.send(new ListFunctionsCommand({}))
          : client instanceof CloudWatchClient
            ? client.send(new DescribeAlarmsCommand({}))
            : client.send(new DescribeStacksCommand({}))
      await expect(answered).rejects.toMatchObject({
        name: 'AccessDeniedException',
        message: 'Web pages may not call AWS APIs here.',
      })
    })
    await Promise.all(asks)
  })

  test('of this machine is refused as well', async () => {
    const { status } = await send('GET', '/2015-03-31/functions', { origin: 'http://localhost:8080' })
    expect(status).toBe(403)
  })

  test('may come by the name localhost', async () => {
    const { port } = new URL(url)
    const { status } = await send('GET', '/2015-03-31/functions', { host: `localhost:${port}` })
    expect(status).toBe(200)
  })
})
