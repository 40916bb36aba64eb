/** The one part of `process` that matters here. */
export interface WarningEmitter {
  emitWarning: typeof process.emitWarning
}

/** The method of kafkajs whose timer begins the warning; bundling and minifying keep names of methods. */
const KAFKAJS_TIMER = 'scheduleCheckPendingRequests'

/**
 * Keeps kafkajs's TimeoutNegativeWarning from the screen, and no other warning. kafkajs 2.2.4 computes when to look
 * at throttled requests next as a time that may be past; Node 24 sets that timer to 1 ms, as was always meant, and
 * says so once. A negative timeout from anywhere else is still shown.
 * Source: kafkajs src/network/requestQueue/index.js, scheduleCheckPendingRequests;
 * https://nodejs.org/docs/latest-v24.x/api/timers.html#settimeoutcallback-delay-args
 * @returns what puts the emitter back as it was
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
