import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  GetFunctionCommand,
  InvokeCommand,
  type InvokeCommandInput,
  LambdaClient,
  ListFunctionsCommand,
} from '@aws-sdk/client-lambda'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createAwsApi } from '../../../../local/cloud/aws-api.ts'
import { createLambdaApi } from '../../../../local/cloud/lambda/lambda-api.ts'
import { until } from '../../until.ts'
import { fixtureFunction, type Recorder, recorder } from '../fixture-function.ts'

let functions: Awaited<ReturnType<typeof fixtureFunction>>[]
let recording: Recorder
let api: Server
let url: string
let client: LambdaClient

beforeAll(async () => {
  recording = await recorder()
  functions = await Promise.all(
    ['echo', 'throwsError', 'exits', 'context'].map((name) =>
      fixtureFunction('faults', { name, handler: `index.${name}` }),
    ),
  )
  functions.push(await fixtureFunction('faults', { name: 'closed', reservedConcurrency: 0 }))
  api = createAwsApi({
    lambda: [createLambdaApi([...functions.map(({ target }) => target), recording.target])],
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  client = new LambdaClient({
    endpoint: url,
    region: 'us-east-1',
    maxAttempts: 1,
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  })
})
afterAll(async () => {
  client.destroy()
  api.close()
  api.closeAllConnections()
  await Promise.all([recording.dispose(), ...functions.map(({ dispose }) => dispose())])
})

async function invoke(FunctionName: string, payload: unknown, more: Partial<InvokeCommandInput> = {}) {
  const { Payload, ...rest } = await client.send(
    new InvokeCommand({ FunctionName, Payload: JSON.stringify(payload), ...more }),
  )
  return { ...rest, answer: Payload?.length ? JSON.parse(Payload.transformToString()) : undefined }
}

describe('Invoke', () => {
  test('answers with what the function answers', async () => {
    const { StatusCode, ExecutedVersion, FunctionError, answer } = await invoke('echo', { price: '49.99 €' })
    expect({ StatusCode, ExecutedVersion, FunctionError, answer }).toEqual({
      StatusCode: 200,
      ExecutedVersion: '$LATEST',
      FunctionError: undefined,
      answer: { price: '49.99 €' },
    })
  })

  test('gives an empty object where no payload is sent', async () => {
    const { Payload } = await client.send(new InvokeCommand({ FunctionName: 'echo' }))
    expect(Payload?.transformToString()).toBe('{}')
  })

  test.each([
    'arn:aws:lambda:us-east-1:000000000000:function:echo',
    'arn:aws:lambda:us-east-1:000000000000:function:echo:$LATEST',
    'echo:$LATEST',
  ])('finds the function of %s', async (name) => {
    expect((await invoke(name, 1)).answer).toBe(1)
  })

  test("marks a function's error and answers with it", async () => {
    const { StatusCode, FunctionError, answer } = await invoke('throwsError', {})
    expect({ StatusCode, FunctionError }).toEqual({ StatusCode: 200, FunctionError: 'Unhandled' })
    expect(answer).toMatchObject({ errorType: 'TypeError', errorMessage: 'no such thing' })
    const exit = await invoke('exits', {})
    expect([exit.FunctionError, exit.answer.errorType]).toEqual(['Unhandled', 'Runtime.ExitError'])
  })

  test('passes the client context on', async () => {
    const context = { client: { app_title: 'Preis-App' }, custom: { of: 'the caller', price: '49.99 €' } }
    const ClientContext = Buffer.from(JSON.stringify(context)).toString('base64')
    const { answer } = await invoke('context', {}, { ClientContext })
    expect(answer.clientContext).toEqual(context)
    expect((await invoke('context', {})).answer).not.toHaveProperty('clientContext')
  })

  test.each([
    ['no JSON', 'no JSON'],
    ['no object', '[1]'],
    ['too large', JSON.stringify({ custom: 'x'.repeat(3_000) })],
  ])('refuses a client context that is %s', async (_, text) => {
    const ClientContext = Buffer.from(text).toString('base64')
    await expect(invoke('context', {}, { ClientContext })).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      message: expect.stringContaining('Client context must be a valid Base64-encoded JSON object'),
    })
  })

  test('answers with the end of the log where it is asked for', async () => {
    const { LogResult } = await invoke('echo', {}, { LogType: 'Tail' })
    const lines = Buffer.from(LogResult ?? '', 'base64')
      .toString('utf8')
      .split('\n')
    expect(lines.at(-2)).toContain('"type":"platform.report"')
    expect((await invoke('echo', {})).LogResult).toBeUndefined()
  })

  test('as an Event answers at once, and the function runs', async () => {
    const before = await recording.started()
    const { StatusCode, answer } = await invoke('recorder', {}, { InvocationType: 'Event' })
    expect({ StatusCode, answer }).toEqual({ StatusCode: 202, answer: undefined })
    await until(async () => (await recording.started()) === before + 1)
  })

  test('as a DryRun runs nothing', async () => {
    const before = await recording.started()
    expect((await invoke('recorder', {}, { InvocationType: 'DryRun' })).StatusCode).toBe(204)
    expect(await recording.started()).toBe(before)
  })
})

describe('a function whose reserved concurrency is taken', () => {
  test('is refused with 429 and the reason', async () => {
    await expect(invoke('closed', {})).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      message: 'Rate Exceeded.',
      Reason: 'ReservedFunctionConcurrentInvocationLimitExceeded',
      $metadata: { httpStatusCode: 429 },
    })
  })

  test('takes an Event all the same', async () => {
    expect((await invoke('closed', {}, { InvocationType: 'Event' })).StatusCode).toBe(202)
  })
})

describe('what cannot be done is refused as Lambda refuses it', () => {
  test.each([
    ['an unknown function', { FunctionName: 'nobody', Payload: '{}' }, 'ResourceNotFoundException', 404],
    ['no JSON', { FunctionName: 'echo', Payload: '{"price":' }, 'InvalidRequestContentException', 400],
    [
      'more than 6 MB',
      { FunctionName: 'echo', Payload: `"${'x'.repeat(6 * 1024 * 1024)}"` },
      'RequestTooLargeException',
      413,
    ],
    [
      'more than 1 MB for an Event',
      { FunctionName: 'echo', Payload: `"${'x'.repeat(1024 * 1024)}"`, InvocationType: 'Event' as const },
      'RequestTooLargeException',
      413,
    ],
  ])('%s', async (_, input, name, status) => {
    await expect(client.send(new InvokeCommand(input))).rejects.toMatchObject({
      name,
      $metadata: { httpStatusCode: status },
    })
  })

  test('an unknown function is answered with those there are', async () => {
    await expect(invoke('nobody', {})).rejects.toThrow(
      'Function not found: nobody. There are echo, throwsError, exits, context, closed, recorder.',
    )
  })

  test('a page in a browser, whatever it asks for', async () => {
    const before = await recording.started()
    const response = await fetch(`${url}/2015-03-31/functions/recorder/invocations`, {
      method: 'POST',
      headers: { origin: 'https://example.com' },
    })
    expect(response.status).toBe(403)
    expect(await recording.started()).toBe(before)
  })

  test.each([
    ['GET', '/', 404],
    ['GET', '/2015-03-31/functions/echo/invocations', 405],
    ['DELETE', '/2015-03-31/functions/echo', 405],
  ])('%s %s', async (method, path, status) => {
    expect((await fetch(`${url}${path}`, { method })).status).toBe(status)
  })
})

test('ListFunctions and GetFunction say what there is', async () => {
  const { Functions } = await client.send(new ListFunctionsCommand({}))
  expect(Functions?.map(({ FunctionName }) => FunctionName)).toEqual([
    'echo',
    'throwsError',
    'exits',
    'context',
    'closed',
    'recorder',
  ])
  const { Configuration } = await client.send(new GetFunctionCommand({ FunctionName: 'echo' }))
  expect(Configuration).toMatchObject({
    FunctionArn: 'arn:aws:lambda:us-east-1:000000000000:function:echo',
    Handler: 'index.echo',
    Timeout: 20,
    MemorySize: 256,
  })
})
