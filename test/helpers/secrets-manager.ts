import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

/** Speaks as much of Secrets Manager's JSON protocol as GetSecretValue takes. */
export interface TestSecrets {
  /** What an AWS client needs in its environment to ask here. */
  readonly environment: Readonly<Record<string, string>>
  readonly asked: readonly { readonly target: unknown; readonly body: unknown }[]
  /** Every secret's text from now on; a secret without one unless given. */
  holds(text?: string): void
  answers(status: number, body: object): void
  close(): Promise<void>
}

/** Answers for the secret of this ARN. */
export async function testSecrets(ARN: string): Promise<TestSecrets> {
  const asked: { target: unknown; body: unknown }[] = []
  let answer: { status: number; body: object } = { status: 200, body: {} }
  const server = createServer(async (request, response) => {
    asked.push({ target: request.headers['x-amz-target'], body: await json(request) })
    response.writeHead(answer.status, { 'content-type': 'application/x-amz-json-1.1' })
    response.end(JSON.stringify(answer.body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    environment: {
      AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${port}`,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    },
    asked,
    holds(SecretString) {
      answer = { status: 200, body: { ARN, Name: 'keeper', SecretString } }
    },
    answers(status, body) {
      answer = { status, body }
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
