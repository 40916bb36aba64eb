import { expect, test } from '@jest/globals'
import { createCatalogue } from '../../../local/market/catalogue.ts'
import { priceInSlot } from '../../../local/market/prices.ts'

const catalogue = createCatalogue(1, 600)

/** A slot is a minute: this is 2026-02-20T12:30Z. */
const NOON = 29_526_510

test('always has the example, in de and for sale', () => {
  for (const seed of [1, 2, 3])
    expect(createCatalogue(seed, 1).entries).toMatchObject([
      {
        asin: 'B07W6JN8V8',
        domain: 'de',
        title: 'Logitech K380 Multi-Device QWERTZ',
        offer: 'amazon',
        basePrice: '59.99',
      },
    ])
})

test('has valid ASINs that never collide, over de, com and co.uk', () => {
  const { entries } = createCatalogue(7, 30_000)
  expect(new Set(entries.map(({ asin }) => asin)).size).toBe(30_000)
  expect(entries.filter(({ asin }) => !/^B0[A-Z0-9]{8}$/.test(asin))).toEqual([])
  expect(Map.groupBy(entries, ({ domain }) => domain).size).toBe(3)
})

test('is the same for the same seed, another for another, and begins alike when it is larger', () => {
  expect(createCatalogue(1, 600).entries).toEqual(catalogue.entries)
  expect(createCatalogue(1, 700).entries.slice(0, 600)).toEqual(catalogue.entries)
  expect(createCatalogue(2, 600).entries[1]?.asin).not.toBe(catalogue.entries[1]?.asin)
})

test('has every kind of offer, most of them from Amazon', () => {
  const byOffer = Map.groupBy(catalogue.entries, ({ offer }) => offer)
  expect([...byOffer.keys()].toSorted()).toEqual([
    'amazon',
    'buy-box',
    'e-book',
    'fba',
    'never-offered',
    'new',
    'out-of-stock',
  ])
  expect(byOffer.get('amazon')?.length).toBeGreaterThan(300)
})

test.each([
  ['markup', /<b>|<script>/],
  ['emoji beyond the basic plane', /🔥/u],
  ['right-to-left text', /\p{Script=Arabic}/u],
  ['more than 500 characters', /^.{501,}$/u],
])('has titles with %s', (_what, pattern) => {
  expect(catalogue.entries.some(({ title }) => pattern.test(title))).toBe(true)
})

test('finds a product in its own domain only', () => {
  expect(catalogue.find('de', 'B07W6JN8V8')).toBe(catalogue.entries[0])
  expect(catalogue.find('com', 'B07W6JN8V8')).toBeUndefined()
})

test('sells the example in other marketplaces of its currency as well, at prices of their own', () => {
  const abroad = ['fr', 'it', 'es'].map((domain) => catalogue.find(domain, 'B07W6JN8V8'))
  expect(abroad.map((entry) => entry?.title)).toEqual(Array(3).fill(catalogue.entries[0]?.title))
  expect(new Set(abroad.map((entry) => entry && priceInSlot(entry, NOON))).size).toBe(3)
})

test('has prices that follow from seed, product and time alone', () => {
  const again = createCatalogue(1, 600)
  const prices = (entries: typeof catalogue.entries) => entries.map((entry) => priceInSlot(entry, NOON))
  expect(prices(again.entries)).toEqual(prices(catalogue.entries))
})

test('has prices that move within minutes, stay near the base price, and fall by 10 to 40 % in sales', () => {
  for (const entry of catalogue.entries) {
    const shares = Array.from(
      { length: 240 },
      (_, slot) => priceInSlot(entry, NOON + slot) / entry.baseMinorUnits,
    )
    expect(new Set(shares.slice(0, 20)).size).toBeGreaterThan(2)
    expect(Math.max(...shares)).toBeLessThan(1.031)
    expect(Math.min(...shares)).toBeGreaterThan(0.599)
    expect(Math.min(...shares)).toBeLessThan(0.901)
  }
})

test('has a tenth to a third of all products on sale at any time, so that alerts and deals happen', () => {
  for (const slot of [NOON, NOON + 1, NOON + 777]) {
    const onSale = catalogue.entries.filter((entry) => priceInSlot(entry, slot) < entry.baseMinorUnits * 0.91)
    expect(onSale.length / catalogue.entries.length).toBeGreaterThan(0.1)
    expect(onSale.length / catalogue.entries.length).toBeLessThan(0.33)
  }
})
