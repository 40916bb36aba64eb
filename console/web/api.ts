import { useEffect, useState } from 'preact/hooks'
import type { ActionInput, ActionName, ActionOutput } from '../server/actions.ts'
import { token } from './session.ts'

/** Why something could not be done, as the server says it. */
export class CallFailed extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

interface Answer {
  readonly output?: unknown
  readonly error?: { readonly code: string; readonly message: string }
}

async function post(path: string, body: object, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-keeper-token': token() },
      body: JSON.stringify(body),
      signal,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new CallFailed('console_gone', 'The console does not answer: is it still running in its terminal?')
  }
}

function outputOf<Output>({ output, error }: Answer): Output {
  if (error) throw new CallFailed(error.code, error.message)
  return output as Output
}

/** Runs an action. */
export async function call<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
  signal?: AbortSignal,
): Promise<ActionOutput<Name>> {
  const response = await post('/api/call', { action, input }, signal)
  return outputOf(await response.json())
}

type RowOf<Name extends ActionName> =
  ActionOutput<Name> extends { readonly rows: readonly (infer Row)[] } ? Row : never

/** All rows of an action that answers in pages; `onPage` is told of those that are there so far. */
export async function rows<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
  onPage: (rows: readonly RowOf<Name>[]) => void = () => undefined,
  signal?: AbortSignal,
): Promise<readonly RowOf<Name>[]> {
  let found: readonly RowOf<Name>[] = []
  let cursor: unknown
  do {
    const page = (await call(
      action,
      { ...input, ...(cursor ? { cursor } : {}) } as ActionInput<Name>,
      signal,
    )) as {
      readonly rows: readonly RowOf<Name>[]
      readonly next: unknown
    }
    found = found.concat(page.rows)
    onPage(found)
    cursor = page.next
  } while (cursor)
  return found
}

/** Runs an action again and again on the server, and yields what it gives whenever that changes. */
export async function* live<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
  everyMs: number,
  signal: AbortSignal,
): AsyncGenerator<ActionOutput<Name>> {
  const response = await post('/api/live', { action, input, everyMs }, signal)
  if (!response.ok || !response.body) throw outputOf(await response.json())
  let text = ''
  for await (const part of response.body.pipeThrough(new TextDecoderStream())) {
    text += part
    const events = text.split('\n\n')
    text = events.pop() ?? ''
    for (const event of events) {
      if (event.startsWith('data: ')) yield outputOf(JSON.parse(event.slice(6)))
    }
  }
}

/** What a page shows of an action: nothing yet, what it gave, or why not; `again` asks once more. */
export interface Shown<Value> {
  readonly value?: Value
  readonly error?: CallFailed
  readonly again: () => void
}

/** An action's output, asked for when the page opens or the input changes. */
export function useCall<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
): Shown<ActionOutput<Name>> {
  return useSource((show, signal) => call(action, input, signal).then(show), [action, JSON.stringify(input)])
}

/** All rows of an action that answers in pages, as they come. */
export function useRows<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
): Shown<readonly RowOf<Name>[]> {
  return useSource(
    (show, signal) => rows(action, input, show, signal).then(show),
    [action, JSON.stringify(input)],
  )
}

const PAUSE_AFTER_FAILURE_MS = 3_000

/**
 * Until the page is shown, or left. A browser has six connections to a console, whatever the number of its tabs: those
 * that nobody looks at hold none.
 * https://developer.mozilla.org/en-US/docs/Web/API/Page_Visibility_API
 */
const shown = (signal: AbortSignal): Promise<unknown> =>
  document.visibilityState === 'visible'
    ? Promise.resolve()
    : new Promise((resolve) => {
        document.addEventListener('visibilitychange', resolve, { once: true, signal })
        signal.addEventListener('abort', resolve, { once: true })
      })

/** Aborted when the page is hidden, or left. */
function whileShown(signal: AbortSignal): AbortSignal {
  const hidden = new AbortController()
  const options = { once: true, signal: AbortSignal.any([signal, hidden.signal]) }
  document.addEventListener('visibilitychange', () => hidden.abort(), options)
  return options.signal
}

/** An action's output, kept up to date while the page is shown. What was shown stays when an answer fails. */
export function useLive<Name extends ActionName>(
  action: Name,
  input: ActionInput<Name>,
  everyMs = 2_000,
): Shown<ActionOutput<Name>> {
  return useSource(
    async (show, signal, fail) => {
      while (!signal.aborted) {
        await shown(signal)
        const over = new AbortController()
        const inView = whileShown(AbortSignal.any([signal, over.signal]))
        try {
          for await (const output of live(action, input, everyMs, inView)) show(output)
        } catch (error) {
          if (signal.aborted) return
          if (inView.aborted) continue
          fail(error)
        } finally {
          over.abort()
        }
        await new Promise((resolve) => setTimeout(resolve, PAUSE_AFTER_FAILURE_MS))
      }
    },
    [action, JSON.stringify(input), everyMs],
  )
}

function useSource<Value>(
  start: (
    show: (value: Value) => void,
    signal: AbortSignal,
    fail: (error: unknown) => void,
  ) => Promise<unknown>,
  keys: readonly unknown[],
): Shown<Value> {
  const [times, setTimes] = useState(0)
  const [shown, setShown] = useState<{ value?: Value; error?: CallFailed }>({})
  useEffect(() => {
    const controller = new AbortController()
    const { signal } = controller
    const fail = (error: unknown) => {
      if (!signal.aborted) setShown((before) => ({ value: before.value, error: failureOf(error) }))
    }
    start((value) => !signal.aborted && setShown({ value }), signal, fail).catch(fail)
    return () => controller.abort()
  }, [...keys, times])
  return { ...shown, again: () => setTimes(times + 1) }
}

const failureOf = (error: unknown): CallFailed =>
  error instanceof CallFailed ? error : new CallFailed('failed', String((error as Error)?.message ?? error))
