import type { DealObservation } from '../../core/events/deal-update.ts'

/** A rating counts as much as these reviews of three and a half stars are outweighed: one enthusiast proves little. */
const DOUBT = { reviews: 20, stars: 3.5 }

type Rated = Pick<DealObservation, 'asin' | 'domain' | 'discountPercent' | 'rating' | 'reviewCount'>

/**
 * Sorts the deal that is worth more to the front: the larger discount in whole percent, then the better rating by more
 * reviews. An unknown discount is none, and an unknown rating is a middling one.
 */
export const byWorth = (a: Rated, b: Rated): number =>
  discountOf(b) - discountOf(a) ||
  standingOf(b) - standingOf(a) ||
  `${a.domain} ${a.asin}`.localeCompare(`${b.domain} ${b.asin}`)

const discountOf = ({ discountPercent }: Rated): number => Math.round(discountPercent ?? 0)

function standingOf({ rating, reviewCount }: Rated): number {
  const reviews = rating === null ? 0 : (reviewCount ?? 0)
  return (DOUBT.stars * DOUBT.reviews + (rating ?? 0) * reviews) / (DOUBT.reviews + reviews)
}
