/** The part of `process` that is replaced. */
export interface WarningEmitter {
  emitWarning: typeof process.emitWarning
}

/** The kafkajs method whose timer causes the warning; bundling and minifying keep method names. */
const KAFKAJS_TIMER = 'scheduleCheckPendingRequests'

/**
 * Hides kafkajs's TimeoutNegativeWarning and no other warning. kafkajs 2.2.4 may compute a time in the past for its
 * next look at throttled requests; Node 24 sets that timer to 1 ms, which is harmless, and warns once. A negative
 * timeout from anywhere else is still shown.
 * Source: kafkajs src/network/requestQueue/index.js, scheduleCheckPendingRequests;
 * https://nodejs.org/docs/latest-v24.x/api/timers.html#settimeoutcallback-delay-args
 * @returns a function that restores the emitter
 */
export function quietTimeoutWarning(emitter: WarningEmitter = process): () => void {
  const original = emitter.emitWarning
  const quiet = (...args: unknown[]): void => {
    if (args[1] === 'TimeoutNegativeWarning' && new Error().stack?.includes(KAFKAJS_TIMER)) return
    Reflect.apply(original, emitter, args)
  }
  emitter.emitWarning = quiet
  return () => {
    if (emitter.emitWarning === quiet) emitter.emitWarning = original
  }
}
