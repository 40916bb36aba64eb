import type { IncomingMessage } from 'node:http'

/**
 * Whether a request names this machine: a page in a browser reaches its ports by a name that it has made point here (DNS
 * rebinding), and then names that one.
 */
export const namesThisMachine = ({ headers: { host = '' } }: Pick<IncomingMessage, 'headers'>): boolean =>
  /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host)
