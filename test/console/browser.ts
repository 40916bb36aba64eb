import { access, readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'

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

/** What keeps people from using a page: https://www.w3.org/TR/WCAG22/, as far as axe can tell. Mails in frames are others' pages. */
export async function barriers(page: Page): Promise<string[]> {
  const require = createRequire(import.meta.url)
  await page.evaluate(await readFile(require.resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> }
    }
    const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
    const { violations } = await axe.run({ runOnly: { type: 'tag', values: tags }, iframes: false })
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 160)}`)
  })
}
