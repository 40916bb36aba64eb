import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'

const MAIN = join(import.meta.dirname, '..', '..', '..', 'local', 'market', 'main.ts')

const run = (...parameters: string[]) => spawn(process.execPath, [MAIN, ...parameters], { stdio: 'pipe' })

test('opens alone, says where, and ends on SIGTERM', async () => {
  const child = run('--port', '0', '--products', '5')
  const [said] = (await once(child.stdout, 'data')) as [Buffer]
  const [url = ''] = /http:\/\/127\.0\.0\.1:\d+/.exec(said.toString()) ?? []
  const response = await fetch(`${url}/product?key=any&domain=3&asin=B07W6JN8V8`)
  expect(await response.json()).toMatchObject({ products: [{ asin: 'B07W6JN8V8' }] })
  child.kill('SIGTERM')
  expect(await once(child, 'exit')).toEqual([0, null])
})

test('refuses a port that is no number', async () => {
  const child = run('--port', 'x')
  const [said] = (await once(child.stderr, 'data')) as [Buffer]
  expect(said.toString()).toContain('--port is "x"')
  expect(await once(child, 'exit')).toEqual([2, null])
})
