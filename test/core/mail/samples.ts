import type { AlertFacts, DealFacts, HistoryFacts, Message } from '../../../lambdas/core/mail/message.ts'

/** Messages as the notifier makes them; the market's texts are as bad as they come. */

export const NOW = new Date('2026-02-20T12:40:00Z')

const product = {
  asin: 'B07W6JN8V8',
  domain: 'de',
  title: 'AKG K371 Over-Ear, geschlossene Studio-Kopfhörer, faltbar, schwarz',
  currency: 'EUR',
}

/** A price that steps every few days, with a gap of a week. */
function steps(prices: readonly (number | null)[]): HistoryFacts['points'] {
  const first = NOW.getTime() - 88 * 86_400_000
  return prices.map((price, index) => ({
    at: new Date(first + (index * 88 * 86_400_000) / prices.length).toISOString(),
    price: price === null ? null : price.toFixed(2),
  }))
}

const POINTS = steps([119, 119, 115, 124, 109.9, 112, null, 118, 99.99, 105, 111, 94.5, 101, 89, 84.99])

export const alert: AlertFacts = {
  alertId: '71',
  watchId: '12',
  product,
  cause: 'target-reached',
  price: '84.99',
  priceAt: '2026-02-20T12:30:00Z',
  previousPrice: '89.00',
  targetPrice: '85.00',
  history: {
    watchedSince: '2025-06-01T08:00:00Z',
    days30: { lowest: '84.99', median: '101.00' },
    days90: { lowest: '84.99', median: '109.90' },
    allTimeLow: { price: '79.00', at: '2025-11-28T07:00:00Z' },
    points: POINTS,
  },
}

export const youngAlert: AlertFacts = {
  ...alert,
  alertId: '72',
  watchId: '13',
  product: {
    asin: 'B000000001',
    domain: 'co.jp',
    title: '<script>alert("x")</script> & "Tee" \u202e\nneu',
    currency: 'JPY',
  },
  cause: 'lower-again',
  price: '4999.00',
  previousPrice: null,
  targetPrice: '5200.00',
  history: { watchedSince: '2026-02-18T08:00:00Z', days30: null, days90: null, allTimeLow: null, points: [] },
}

const deal: DealFacts = {
  product,
  price: '84.99',
  originalPrice: '149.00',
  discountPercent: 43,
  rating: 4.5,
  reviewCount: 12_345,
  dealAt: '2026-02-20T06:30:00Z',
  points: POINTS,
}

export const MESSAGES: Readonly<Record<string, Message>> = {
  alert: { kind: 'alert', alerts: [alert] },
  'two alerts': { kind: 'alert', alerts: [alert, youngAlert] },
  digest: { kind: 'digest', alerts: [alert, youngAlert] },
  report: {
    kind: 'report',
    day: '2026-02-20',
    deals: [
      deal,
      {
        ...deal,
        ...{ product: youngAlert.product, price: '4999.00', originalPrice: null },
        ...{ discountPercent: null, rating: null, reviewCount: null, points: [] },
      },
    ],
  },
  notice: {
    kind: 'notice',
    product,
    watchId: '12',
    reason: 'redirected',
    since: '2026-01-20T12:30:00Z',
    redirectedTo: 'B08EXAMPLE',
  },
  test: { kind: 'test' },
}
