/** An amount with its currency, as people of any country read it: `49.99 EUR`; a dash where there is none. */
export const money = (amount: string | null, currency: string): string =>
  amount === null ? '-' : `${amount} ${currency}`
