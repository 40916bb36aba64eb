/** An amount in its currency, as this machine's language writes it; a dash where there is none. */
export const money = (amount: string | null | undefined, currency: string): string =>
  amount === null || amount === undefined
    ? '–'
    : new Intl.NumberFormat(undefined, { style: 'currency', currency }).format(amount as `${number}`)
