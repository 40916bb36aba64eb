const formats = new Map<string, Intl.NumberFormat>()

/** How this machine's language writes amounts of a currency. */
export function formatOf(currency: string): Intl.NumberFormat {
  const known = formats.get(currency)
  if (known) return known
  const made = new Intl.NumberFormat(undefined, { style: 'currency', currency })
  formats.set(currency, made)
  return made
}

/** An amount in its currency, as this machine's language writes it; a dash where there is none. */
export const money = (amount: string | number | null | undefined, currency: string): string =>
  amount === null || amount === undefined ? '–' : formatOf(currency).format(amount as number)

/** How many decimals an amount of a currency has: none for yen. */
export const decimalsOf = (currency: string): number =>
  formatOf(currency).resolvedOptions().maximumFractionDigits ?? 2
