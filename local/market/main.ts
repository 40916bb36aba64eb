import { parseArgs } from 'node:util'
import { startMarket } from './market.ts'

/** The simulated market alone: `node local/market/main.ts --port 3002`. */
const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3002' },
    seed: { type: 'string', default: '1' },
    products: { type: 'string', default: '600' },
    'think-time-ms': { type: 'string', default: '0' },
    'no-deals': { type: 'boolean', default: false },
  },
})

const market = await startMarket({
  port: wholeNumber('port', values.port),
  seed: wholeNumber('seed', values.seed),
  catalogueSize: wholeNumber('products', values.products),
  thinkTimeMs: wholeNumber('think-time-ms', values['think-time-ms']),
  dealsEnabled: !values['no-deals'],
})

console.log(`The market is open at ${market.url} with ${market.catalogue.entries.length} products. Try:
  curl '${market.url}/product?key=any&domain=3&asin=B07W6JN8V8&stats=90&history=0'
  curl -d '{"next":[500,"cut",429]}' ${market.url}/control`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void market.close())

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  console.error(`--${name} is "${text}": use a whole number.`)
  process.exit(2)
}
