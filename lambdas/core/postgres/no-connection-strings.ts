/**
 * Replaces pg-connection-string in the bundles (lib/constructs/functions/bundle.ts), where it would be a thirtieth of a
 * consumer's bundle: pool.ts passes pg the parts of an address instead.
 */
export function parse(): never {
  throw new Error('A bundle cannot parse connection strings: pass host, port, database and user.')
}
