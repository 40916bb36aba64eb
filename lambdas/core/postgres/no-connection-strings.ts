/**
 * Stands for pg-connection-string in the bundles (lib/constructs/functions/bundle.ts): pool.ts gives pg the parts of an address,
 * and what reads a connection string is a thirtieth of a consumer's bundle.
 */
export function parse(): never {
  throw new Error('Connection strings are not read in a bundle: give host, port, database and user.')
}
