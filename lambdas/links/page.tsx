import { createHash } from 'node:crypto'
import type { ComponentChildren } from 'preact'
import { render } from 'preact-render-to-string'
import type { PageText } from './words.ts'

const SHEET = `
:root { color-scheme: light dark; --page: #f2f4f7; --card: #fff; --line: #dfe4ea; --ink: #1c2733; --soft: #5a6673; --act: #1a5fb4; --link: #1a5fb4 }
@media (prefers-color-scheme: dark) {
  :root { --page: #15181c; --card: #1f2429; --line: #343b43; --ink: #eef1f4; --soft: #a9b3bd; --act: #2769bd; --link: #7db4ff }
}
body { margin: 0; padding: 10vh 16px 32px; background: var(--page); color: var(--ink); font: 16px/1.5 -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif }
main { max-width: 480px; margin: 0 auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow-wrap: anywhere }
h1 { margin: 0 0 8px; font-size: 20px }
p { margin: 0 0 16px }
p:last-child { margin-bottom: 0 }
.other { margin-top: 20px }
.soft { color: var(--soft); font-size: 14px }
button { font: inherit; font-weight: 600; padding: 10px 18px; border: 0; border-radius: 8px; background: var(--act); color: #fff; cursor: pointer }
button:focus-visible, a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px }
a { color: var(--link) }
`

/** The page loads nothing and runs nothing; its own sheet is allowed by its digest. */
export const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(SHEET).digest('base64')}'`,
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

export interface PageProps extends PageText {
  /** The product's name, text of a shop; null if it is not about one. */
  readonly product: string | null
  readonly isOn: boolean
  /** The path of the page that ends everything. */
  readonly allPath: string
}

/** The page of a link. Its form posts to the page's own address. */
export const linkPage = ({ language, heading, state, button, leaveAll, product, isOn, allPath }: PageProps) =>
  document(
    language,
    heading,
    <>
      {product && <p class="soft">{product}</p>}
      <p>{state}</p>
      <form method="post">
        <button type="submit" name="do" value={isOn ? 'leave' : 'return'}>
          {button}
        </button>
      </form>
      {leaveAll && (
        <p class="soft other">
          <a href={allPath}>{leaveAll}</a>
        </p>
      )}
    </>,
  )

/** The one page of everything that is not a link of ours. */
export const NO_SUCH_PAGE = document(
  'en',
  'This link leads nowhere',
  <p>
    It may be incomplete, or what it was for is gone. The newest message from Keeper has a link that works.
  </p>,
)

/** For a request that no form of ours sends. */
export const BAD_REQUEST_PAGE = document(
  'en',
  'Nothing was changed',
  <p>This page takes its own form only.</p>,
)

function document(language: string, heading: string, content: ComponentChildren): string {
  return `<!doctype html>${render(
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{`${heading} – Keeper`}</title>
        {/* Rendered as it is: escaped, it would not have the digest that the policy names. */}
        <style dangerouslySetInnerHTML={{ __html: SHEET }} />
      </head>
      <body>
        <main>
          <h1>{heading}</h1>
          {content}
        </main>
      </body>
    </html>,
  )}`
}
