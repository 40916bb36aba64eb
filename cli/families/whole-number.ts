import { InvalidArgumentError } from 'commander'

/** For options that count something. */
export function wholeNumber(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It is a whole number above 0.')
}
