import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { KafkaClient } from '@aws-sdk/client-kafka'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { readBootstrapServers } from '../../lambdas/bootstrap-brokers/bootstrap-servers.ts'
import { handler } from '../../lambdas/bootstrap-brokers/handler.ts'

const CLUSTER_ARN =
  'arn:aws:kafka:eu-central-1:111122223333:cluster/keeper/0a1b2c3d-4e5f-6789-abcd-ef0123456789-4'

/**
 * MSK's REST-JSON API as far as it is needed: GET /v1/clusters/<arn>/bootstrap-brokers.
 * https://docs.aws.amazon.com/msk/1.0/apireference/clusters-clusterarn-bootstrap-brokers.html
 */
class FakeMsk {
  answer: { status: number; body: Record<string, string> } = { status: 200, body: {} }
  readonly requests: string[] = []
  readonly #server: Server = createServer((request, response) => {
    this.requests.push(`${request.method} ${request.url}`)
    const { status, body } = this.answer
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(status >= 400 && { 'x-amzn-errortype': 'ForbiddenException' }),
    })
    response.end(JSON.stringify(body))
  })

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
}

describe('reading the bootstrap brokers', () => {
  let msk: FakeMsk
  let client: KafkaClient

  beforeEach(async () => {
    msk = new FakeMsk()
    client = new KafkaClient({
      endpoint: await msk.listen(),
      region: 'eu-central-1',
      credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
      maxAttempts: 1,
    })
  })

  afterEach(async () => {
    client.destroy()
    await msk.close()
  })

  test('asks MSK for the brokers of the cluster', async () => {
    msk.answer = { status: 200, body: { bootstrapBrokerStringSaslIam: 'b-1.k:9098' } }
    await readBootstrapServers(CLUSTER_ARN, { client })
    expect(msk.requests).toEqual([`GET /v1/clusters/${encodeURIComponent(CLUSTER_ARN)}/bootstrap-brokers`])
  })

  test('returns the IAM listeners in the same order whatever order MSK lists them in', async () => {
    for (const listed of ['b-2.k:9098,b-1.k:9098,b-3.k:9098', 'b-3.k:9098,b-2.k:9098,b-1.k:9098']) {
      msk.answer = {
        status: 200,
        body: { bootstrapBrokerStringSaslIam: listed, bootstrapBrokerStringTls: 'b-1.k:9094' },
      }
      expect(await readBootstrapServers(CLUSTER_ARN, { client })).toEqual({
        BootstrapServers: 'b-1.k:9098,b-2.k:9098,b-3.k:9098',
      })
    }
  })

  test('names the cluster that has no IAM listener', async () => {
    msk.answer = { status: 200, body: { bootstrapBrokerStringTls: 'b-1.k:9094' } }
    await expect(readBootstrapServers(CLUSTER_ARN, { client })).rejects.toMatchObject({
      code: 'bootstrap_brokers_missing',
      message: expect.stringContaining(CLUSTER_ARN),
    })
  })

  test("passes MSK's refusal on", async () => {
    msk.answer = { status: 403, body: { message: 'not authorized to perform: kafka:GetBootstrapBrokers' } }
    await expect(readBootstrapServers(CLUSTER_ARN, { client })).rejects.toThrow(
      'not authorized to perform: kafka:GetBootstrapBrokers',
    )
  })
})

describe('the custom resource', () => {
  test('has nothing to delete and asks nobody', async () => {
    expect(await handler({ RequestType: 'Delete', ResourceProperties: { ClusterArn: CLUSTER_ARN } })).toEqual(
      { PhysicalResourceId: CLUSTER_ARN },
    )
  })
})
