/**
 * What the consumers must do, written once more: one record at a time, in memory, as docs/events.md and the pipeline's
 * contract say it, and with nothing of the code that it is compared with. Times are minutes, amounts cents.
 */

/** How much of an event's time is to be trusted. */
export type Flag = 'history' | 'implausible' | 'record_time' | null

export interface Sighting {
  readonly topic: 'price-updates' | 'deal-updates'
  readonly key: string
  /** Null: nothing is offered. 0: not known. */
  readonly cents: number | null
  /** ISO 8601 in UTC. */
  readonly at: string
  readonly flag: Flag
  readonly title: string
  readonly offset: number
}

export interface Watch {
  readonly key: string
  target: number
  status: 'ACTIVE' | 'PAUSED'
  readonly alerts: Alert[]
}

interface Alert {
  readonly cents: number
  readonly previous: number | null
  readonly target: number
  readonly at: string
  status: 'PENDING' | 'SENT' | 'FAILED' | 'SUPERSEDED'
  told: number | null
}

interface Price {
  readonly at: string
  readonly topic: string
  readonly cents: number
  readonly flag: Flag
  readonly offset: number
}

interface Product {
  title: string
  cents: number | null
  previous: number | null
  at: string
  readonly prices: Price[]
  /** The flag of each gap, by its time. */
  readonly gaps: Map<string, Flag>
}

const isNews = (flag: Flag) => flag === null || flag === 'record_time'
const isMet = (cents: number, target: number) => cents * 100 <= target * 101

export class Model {
  readonly products = new Map<string, Product>()
  readonly deals = new Map<string, { at: string; cents: number; title: string }>()
  readonly watches: readonly Watch[]

  constructor(watches: readonly Watch[]) {
    this.watches = watches
    for (const { key } of watches) this.#product(key, 'Watched')
  }

  /** One record that can be read. */
  see(sighting: Sighting): void {
    const { topic, key, cents, at, flag, title, offset } = sighting
    if (cents === 0 || (cents === null && topic === 'deal-updates')) return
    if (topic === 'deal-updates') this.#keepDeal(sighting)
    const product = topic === 'deal-updates' ? this.#product(key, title) : this.products.get(key)
    if (!product) return
    if (cents === null) {
      const known = product.gaps.get(at)
      if (known === undefined || (known === 'history' && flag !== 'history')) product.gaps.set(at, flag)
      return
    }
    if (product.prices.some((seen) => seen.at === at && seen.topic === topic && seen.cents === cents)) return
    product.prices.push({ at, topic, cents, flag, offset })
    if (!isNews(flag) || at < product.at) return
    const previous = product.cents
    Object.assign(product, { cents, previous, at, title: title || product.title })
    for (const watch of this.watches) if (watch.key === key) this.#alert(watch, product)
  }

  /** Someone changes a watch. */
  change(watch: Watch, status: Watch['status'], target: number): void {
    if (watch.status === status && watch.target === target) return
    watch.status = status
    watch.target = target
    const product = this.products.get(watch.key)
    if (product && this.goneSince(product) === null) this.#alert(watch, product)
  }

  /** The notifier ends a watch's pending alert. */
  conclude(watch: Watch, status: Alert['status'], told: number | null): void {
    const alert = watch.alerts.find((each) => each.status === 'PENDING')
    if (alert) Object.assign(alert, { status, told })
  }

  /** Since when nothing is offered: the first gap that is news and not older than the price. */
  goneSince({ gaps, at }: Product): string | null {
    return [...gaps].flatMap(([time, flag]) => (isNews(flag) && time >= at ? [time] : [])).sort()[0] ?? null
  }

  #product(key: string, title: string): Product {
    const product = this.products.get(key) ?? {
      ...{ title, cents: null, previous: null, at: '', prices: [], gaps: new Map() },
    }
    this.products.set(key, product)
    return product
  }

  #keepDeal({ key, at, cents, flag, title }: Sighting): void {
    if (flag === 'implausible' || cents === null) return
    const known = this.deals.get(key)
    if (known && at <= known.at) return
    this.deals.set(key, { at, cents, title: title || (known?.title ?? '') })
  }

  /** By the product's current price. */
  #alert({ status, target, alerts }: Watch, { cents, previous, at, prices }: Product): void {
    if (status !== 'ACTIVE' || target === 0 || cents === null || !isMet(cents, target)) return
    if (alerts.some((alert) => alert.status === 'PENDING')) return
    const last = alerts
      .filter((alert) => alert.status !== 'SUPERSEDED')
      .reduce<Alert | undefined>(
        (newest, alert) => (newest && newest.at > alert.at ? newest : alert),
        undefined,
      )
    const isLower = last !== undefined && cents < Math.min(last.cents, last.told ?? last.cents)
    const wasAbove =
      last !== undefined &&
      prices.some((seen) => isNews(seen.flag) && seen.at > last.at && !isMet(seen.cents, target))
    if (last && !isLower && !wasAbove) return
    alerts.push({ cents, previous, target, at, status: 'PENDING', told: null })
  }
}
