import type { Letter, LetterItem, Sentence } from './letter.ts'

/** The letter as plain text. */
export const textOf = ({ intro, items, footer }: Letter): string =>
  `${[intro, ...items.map(itemOf), ['-- ', ...footer.map(sentenceOf)].join('\n')].join('\n\n')}\n`

/** The letter in a few lines: each product with its price, as a chat or a push message shows it. */
export const summaryOf = ({ intro, items }: Letter): string =>
  [
    intro,
    ...items.map(({ title, price, change, shop, seen }) =>
      [headOf({ price, change }), title, `(${[shop, seen].filter((part) => part !== null).join(', ')})`]
        .join(' ')
        .trim(),
    ),
  ].join('\n')

function itemOf(item: LetterItem): string {
  const { title, shop, facts, chart, why, links } = item
  const width = Math.max(0, ...facts.map(({ label }) => label.length))
  return [
    `${title} (${shop})`,
    headOf(item),
    ...facts.map(({ label, value }) => `  ${label.padEnd(width)}  ${value}`),
    ...(chart ? [`  ${chart.alt}`] : []),
    ...(why ? [why] : []),
    ...links.map(sentenceOf),
  ]
    .filter((line) => line !== '')
    .join('\n')
}

const headOf = ({ price, change }: Pick<LetterItem, 'price' | 'change'>): string =>
  [price, change].filter((part) => part !== null).join(', ')

const sentenceOf = ({ text, url }: Sentence): string => (url === undefined ? text : `${text}: ${url}`)
