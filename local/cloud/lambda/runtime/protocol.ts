/** What the local Lambda service and the process of one execution environment say to each other. */

/** The first message to a new process. */
export interface InitMessage {
  readonly kind: 'init'
  readonly codeDirectory: string
  readonly handler: string
  readonly functionName: string
  readonly memoryMb: number
}

/** The descriptor of the file that holds large payloads. */
export const PAYLOAD_DESCRIPTOR = 4

/** One invocation. The payload is JSON: its text, or how many bytes of the payload file it takes. */
export interface InvokeMessage {
  readonly kind: 'invoke'
  readonly requestId: string
  readonly deadlineMs: number
  readonly payload: string | number
  /** JSON; undefined where the invoker gave none. */
  readonly clientContext: string | undefined
}

/** What a handler threw, in the form in which Lambda answers with it. */
export interface ErrorPayload {
  readonly errorType: string
  readonly errorMessage: string
  readonly trace: readonly string[]
}

/**
 * From the process: it is ready, its handler could not be loaded, or the invocation is over. After a fatal error it
 * ends itself.
 */
export type RuntimeMessage =
  | { readonly kind: 'ready' }
  | { readonly kind: 'init-error'; readonly error: ErrorPayload }
  | { readonly kind: 'result'; readonly payload: string; readonly maxMemoryMb: number }
  | {
      readonly kind: 'error'
      readonly error: ErrorPayload
      readonly fatal: boolean
      readonly maxMemoryMb: number
    }
