import { access } from 'node:fs/promises'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium } from 'playwright-core'

/** Browsers that a machine may have, in the order of preference. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A real browser: an installed one, else the one that the npm package brings (Linux on x64). */
export async function startBrowser(): Promise<Browser> {
  const executablePath = (await installed()) ?? (await sparticuz.executablePath())
  // The package's own arguments switch the same-origin policy off, which the console is to be tested with.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  })
}

async function installed(): Promise<string | undefined> {
  for (const path of INSTALLED) {
    const isThere = await access(path).then(
      () => true,
      () => false,
    )
    if (isThere) return path
  }
  return undefined
}
