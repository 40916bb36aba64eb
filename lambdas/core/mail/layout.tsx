import { render } from 'preact-render-to-string'
import type { Chart, Letter, LetterItem, Sentence } from './letter.ts'

/**
 * Mail readers keep little of a page: one column of one table, styles inline; the sheet in the head is for those that
 * read it (dark colours, small screens), and the mail is whole without it.
 */
const SHEET = `
:root { color-scheme: light dark; supported-color-schemes: light dark }
@media (prefers-color-scheme: dark) {
  .page { background: #15181c !important }
  .card { background: #1f2429 !important; border-color: #343b43 !important }
  .ink, .card h2 a { color: #eef1f4 !important }
  .soft { color: #a9b3bd !important }
  .link { color: #7db4ff !important }
  .button { background: #2f7de1 !important }
}
@media (max-width: 480px) { .card { padding: 16px !important } .price { font-size: 26px !important } }
`

const FONT = "font-family: -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif"
const INK = `color: #1c2733; ${FONT}`
const SOFT = `color: #5a6673; ${FONT}`
const LINK = `color: #1a5fb4; ${FONT}`

/** The letter as an HTML document. Every text is escaped. */
export const htmlOf = (letter: Letter): string => `<!doctype html>${render(<Mail {...letter} />)}`

const Mail = ({ language, subject, preview, intro, items, footer }: Letter) => (
  <html lang={language}>
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="supported-color-schemes" content="light dark" />
      <title>{subject}</title>
      <style>{SHEET}</style>
    </head>
    <body class="page" style="margin: 0; padding: 0; background: #f2f4f7">
      <div style="display: none; max-height: 0; overflow: hidden">{preview}</div>
      <table
        role="presentation"
        class="page"
        width="100%"
        cellpadding="0"
        cellspacing="0"
        style="background: #f2f4f7"
      >
        <tbody>
          <tr>
            <td align="center" style="padding: 24px 12px">
              <table
                role="presentation"
                width="100%"
                cellpadding="0"
                cellspacing="0"
                style="max-width: 608px"
              >
                <tbody>
                  <tr>
                    <td style="padding: 0 4px 16px">
                      <h1
                        class="ink"
                        style={`margin: 0; font-size: 18px; line-height: 26px; font-weight: 600; ${INK}`}
                      >
                        {intro}
                      </h1>
                    </td>
                  </tr>
                  {items.map((item) => (
                    <Item key={item.url} {...item} />
                  ))}
                  <tr>
                    <td class="soft" style={`padding: 8px 4px; font-size: 13px; line-height: 20px; ${SOFT}`}>
                      {footer.map((sentence) => (
                        <div key={sentence.text}>
                          <Words {...sentence} />
                        </div>
                      ))}
                    </td>
                  </tr>
                </tbody>
              </table>
            </td>
          </tr>
        </tbody>
      </table>
    </body>
  </html>
)

const Item = ({ title, url, shop, price, change, facts, chart, why, links }: LetterItem) => {
  const [first, ...others] = links
  return (
    <tr>
      <td style="padding: 0 0 16px">
        <table
          role="presentation"
          width="100%"
          cellpadding="0"
          cellspacing="0"
          style="table-layout: fixed; border-collapse: separate"
        >
          <tbody>
            <tr>
              <td
                class="card"
                style="background: #ffffff; border: 1px solid #dfe4ea; border-radius: 10px; padding: 24px; overflow-wrap: anywhere"
              >
                <h2 style={`margin: 0 0 4px; font-size: 16px; line-height: 23px; font-weight: 600; ${FONT}`}>
                  <a href={url} style={`text-decoration: none; ${INK}`}>
                    {title}
                  </a>
                </h2>
                <div class="soft" style={`font-size: 13px; line-height: 20px; ${SOFT}`}>
                  {shop}
                </div>
                {price && (
                  <div
                    class="ink price"
                    style={`margin: 12px 0 0; font-size: 30px; line-height: 38px; font-weight: 700; ${INK}`}
                  >
                    {price}
                  </div>
                )}
                {change && (
                  <div class="soft" style={`font-size: 15px; line-height: 22px; ${SOFT}`}>
                    {change}
                  </div>
                )}
                {chart && <Picture {...chart} />}
                <table
                  role="presentation"
                  width="100%"
                  cellpadding="0"
                  cellspacing="0"
                  style="margin: 14px 0 0"
                >
                  <tbody>
                    {facts.map(({ label, value }) => (
                      <tr key={label}>
                        <td
                          class="soft"
                          width="38%"
                          style={`padding: 3px 12px 3px 0; font-size: 14px; line-height: 20px; vertical-align: top; ${SOFT}`}
                        >
                          {label}
                        </td>
                        <td
                          class="ink"
                          style={`padding: 3px 0; font-size: 14px; line-height: 20px; vertical-align: top; ${INK}`}
                        >
                          {value}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
                {why && (
                  <p class="soft" style={`margin: 14px 0 0; font-size: 13px; line-height: 20px; ${SOFT}`}>
                    {why}
                  </p>
                )}
                {first?.url && <Button text={first.text} url={first.url} />}
                {(first?.url ? others : links).map((sentence) => (
                  <div
                    key={sentence.text}
                    class="soft"
                    style={`margin: 12px 0 0; font-size: 13px; line-height: 20px; ${SOFT}`}
                  >
                    <Words {...sentence} />
                  </div>
                ))}
              </td>
            </tr>
          </tbody>
        </table>
      </td>
    </tr>
  )
}

const Picture = ({ image, alt, width, height, labels }: Chart) => (
  <div style="margin: 16px 0 0">
    <img
      src={`cid:${image.contentId}`}
      alt={alt}
      width={width}
      height={height}
      style={`display: block; width: 100%; max-width: ${width}px; height: auto; font-size: 13px; ${SOFT}`}
    />
    <table role="presentation" width="100%" cellpadding="0" cellspacing="0">
      <tbody>
        <tr>
          {labels.map((label, index) => (
            <td
              key={label}
              class="soft"
              align={index === 0 ? 'left' : index === 1 ? 'center' : 'right'}
              style={`font-size: 12px; line-height: 18px; ${SOFT}`}
            >
              {label}
            </td>
          ))}
        </tr>
      </tbody>
    </table>
  </div>
)

const Button = ({ text, url }: Required<Sentence>) => (
  <div style="margin: 18px 0 0">
    <a
      class="button"
      href={url}
      style={`display: inline-block; padding: 10px 18px; border-radius: 8px; background: #1a5fb4; color: #ffffff; font-size: 15px; line-height: 20px; font-weight: 600; text-decoration: none; ${FONT}`}
    >
      {text}
    </a>
  </div>
)

const Words = ({ text, url }: Sentence) => (
  <a class={url && 'link'} href={url} style={url && LINK}>
    {text}
  </a>
)
