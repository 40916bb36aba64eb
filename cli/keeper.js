#!/usr/bin/env node
import { spawn } from 'node:child_process'
import * as nodeModule from 'node:module'
import { fileURLToPath } from 'node:url'

/**
 * The package's `bin`. npm and npx put node_modules/.bin first, where Node 24 is (package.json, devDependencies); whoever
 * starts it in another way may have an older Node, which does not run TypeScript: then that Node 24 is started.
 */
const [major = 0] = process.versions.node.split('.').map(Number)
const main = fileURLToPath(new URL('main.ts', import.meta.url))
if (major >= 24) {
  // What the commands take for their own path.
  process.argv[1] = main
  // Node keeps what it has compiled, TypeScript included: `--help` took 194 ms without and 84 ms with it. In the checkout,
  // where nobody else writes. https://nodejs.org/api/module.html#moduleenablecompilecacheoptions
  nodeModule.enableCompileCache(
    fileURLToPath(new URL('../node_modules/.cache/keeper/compiled', import.meta.url)),
  )
  await import('./main.ts')
} else {
  const node = fileURLToPath(new URL('../node_modules/.bin/node', import.meta.url))
  const child = spawn(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' })
  // Ctrl-C reaches the child as well, which says how it ended.
  process.on('SIGINT', () => undefined)
  child.on('error', () => {
    console.error(`keeper needs Node 24, and this is ${process.version}: run npm ci, which brings it.`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1)
  })
}
