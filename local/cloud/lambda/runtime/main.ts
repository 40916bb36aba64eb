import { existsSync, readSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { functionArn } from '../../account.ts'
import { captureConsole, lineOf } from './console.ts'
import { peakKibibytes } from './peak-memory.ts'
import {
  type ErrorPayload,
  type InitMessage,
  type InvokeMessage,
  PAYLOAD_DESCRIPTOR,
  type RuntimeMessage,
} from './protocol.ts'

/**
 * The process of one execution environment: it loads a handler out of a function's bundle and runs one invocation at a
 * time. It stands in for Lambda's Node.js runtime. https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html
 */
type Handler = (event: unknown, context: unknown) => unknown

let handler: Handler | undefined
let settings: InitMessage
let underWay: string | undefined

captureConsole(() => underWay)

process.on('message', (message: InitMessage | InvokeMessage) => {
  if (message.kind === 'init') void init(message)
  else void invoke(message)
})

// The terminal's Ctrl-C and its end reach every process of the group; this one ends when the one that started it says
// so, or is gone.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)
process.on('disconnect', () => process.exit())

process.on('unhandledRejection', (reason) => {
  fail(
    { ...errorPayload(reason), errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: `${reason}` },
    128,
  )
})
process.on('uncaughtException', (error) => fail(errorPayload(error), 129))

/** Answers with an error that nothing caught, and ends. */
function fail(error: ErrorPayload, exitCode: number): void {
  logError(error)
  const message: RuntimeMessage = handler
    ? { kind: 'error', error, fatal: true, maxMemoryMb: maxMemoryMb() }
    : { kind: 'init-error', error }
  process.send?.(message, () => process.exit(exitCode))
}

async function init(message: InitMessage): Promise<void> {
  settings = message
  try {
    handler = await load(message)
    send({ kind: 'ready' })
  } catch (thrown) {
    const error = errorPayload(thrown)
    logError(error)
    send({ kind: 'init-error', error })
  }
}

/** `index.handler` is the export `handler` of index.mjs or index.js. */
async function load({ codeDirectory, handler: name }: InitMessage): Promise<Handler> {
  const dot = name.lastIndexOf('.')
  const file = ['.mjs', '.js', '.cjs']
    .map((extension) => join(codeDirectory, `${name.slice(0, dot)}${extension}`))
    .find((candidate) => existsSync(candidate))
  if (!file)
    throw named('Runtime.ImportModuleError', `Cannot find module '${name.slice(0, dot)}' in ${codeDirectory}`)
  const module = (await import(pathToFileURL(file).href)) as Record<string, unknown>
  const exported =
    module[name.slice(dot + 1)] ?? (module.default as Record<string, unknown>)?.[name.slice(dot + 1)]
  if (typeof exported !== 'function')
    throw named('Runtime.HandlerNotFound', `${name} is undefined or not exported`)
  return exported as Handler
}

async function invoke(message: InvokeMessage): Promise<void> {
  underWay = message.requestId
  try {
    const result = await handler?.(JSON.parse(textOf(message.payload)), contextOf(message))
    send({ kind: 'result', payload: responseOf(result), maxMemoryMb: maxMemoryMb() })
  } catch (thrown) {
    const error = errorPayload(thrown)
    logError(error)
    send({ kind: 'error', error, fatal: false, maxMemoryMb: maxMemoryMb() })
  }
}

function textOf(payload: InvokeMessage['payload']): string {
  if (typeof payload === 'string') return payload
  const bytes = Buffer.allocUnsafeSlow(payload)
  for (let at = 0; at < payload; ) at += readSync(PAYLOAD_DESCRIPTOR, bytes, at, payload - at, at)
  return bytes.toString()
}

/** The most that this process has had in memory since it began. */
const maxMemoryMb = (): number => Math.ceil(peakKibibytes() / 1024)

/** Lambda's runtime logs every error that it answers with. */
function logError({ errorType, errorMessage, trace }: ErrorPayload): void {
  const line = lineOf('ERROR', underWay, [{ errorType, errorMessage, stackTrace: trace }])
  process.stderr.write(`${line}\n`)
}

/** Lambda's limit of a response, in bytes. */
const MAX_RESPONSE_BYTES = 6 * 1024 * 1024 + 100

function responseOf(result: unknown): string {
  const text = JSON.stringify(result ?? null) ?? 'null'
  if (Buffer.byteLength(text) <= MAX_RESPONSE_BYTES) return text
  throw named(
    'Function.ResponseSizeTooLarge',
    `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  )
}

/** https://docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
const contextOf = ({ requestId, deadlineMs, clientContext }: InvokeMessage) => ({
  awsRequestId: requestId,
  functionName: settings.functionName,
  functionVersion: '$LATEST',
  invokedFunctionArn: functionArn(settings.functionName),
  memoryLimitInMB: String(settings.memoryMb),
  logGroupName: `/aws/lambda/${settings.functionName}`,
  logStreamName: `local/${process.pid}`,
  identity: undefined,
  clientContext: clientContext === undefined ? undefined : JSON.parse(clientContext),
  callbackWaitsForEmptyEventLoop: true,
  getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
})

function errorPayload(error: unknown): ErrorPayload {
  if (!(error instanceof Error)) return { errorType: typeof error, errorMessage: String(error), trace: [] }
  return { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? '').split('\n') }
}

function named(name: string, message: string): Error {
  const error = new Error(message)
  error.name = name
  return error
}

function send(message: RuntimeMessage): void {
  process.send?.(message)
}
