import { access, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sparticuz from '@sparticuz/chromium'
import { type Browser, chromium, type Page } from 'playwright-core'
import { until } from '../local/until.ts'

/** Browsers that a machine may have, in the order of preference. */
const INSTALLED = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** A real browser: an installed one, else the one that the npm package brings (Linux on x64). */
export async function startBrowser(): Promise<Browser> {
  const executablePath = (await installed()) ?? (await unpacked())
  // The package's own arguments switch the same-origin policy off, which the console is to be tested with.
  return chromium.launch({
    executablePath,
    args: ['--no-sandbox', '--disable-gpu'],
  })
}

/**
 * The package unpacks its binary into the temporary folder, and takes what is there for whole: of several test files at
 * once, one unpacks it and the others wait. Files of one run have one parent.
 */
async function unpacked(): Promise<string> {
  const begun = join(tmpdir(), `chromium-of-${process.ppid}`)
  const done = join(begun, 'done')
  const isOurs = await mkdir(begun).then(
    () => true,
    () => false,
  )
  if (!isOurs) await until(() => isThere(done))
  const path = await sparticuz.executablePath()
  if (isOurs) await writeFile(done, '')
  return path
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

async function installed(): Promise<string | undefined> {
  for (const path of INSTALLED) if (await isThere(path)) return path
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
