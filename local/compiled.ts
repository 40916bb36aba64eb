import { join } from 'node:path'

/**
 * Where Node keeps what it has compiled, TypeScript included; `keeper` does so as well (cli/keeper.js). In the checkout,
 * where nobody else writes. https://nodejs.org/api/module.html#module-compile-cache
 */
export const COMPILED = join(import.meta.dirname, '..', 'node_modules', '.cache', 'keeper', 'compiled')
