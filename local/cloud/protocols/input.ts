import { ApiError, type Values } from './api.ts'

/** Reads the members of an operation's input; what does not fit is refused by the service's own name for that. */
export class Input {
  readonly #values: Values
  readonly #refusal: string

  constructor(values: Values, refusal: string) {
    this.#values = values
    this.#refusal = refusal
  }

  text(name: string): string {
    return this.optionalText(name) ?? this.#refuse(`${name} is required.`)
  }

  optionalText(name: string): string | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    return typeof value === 'string' ? value : this.#refuse(`${name} must be a string.`)
  }

  /** One of some words. */
  word<T extends string>(name: string, words: readonly T[]): T | undefined {
    const value = this.optionalText(name)
    const found = words.find((word) => word === value)
    if (value === undefined || found !== undefined) return found
    return this.#refuse(`${name} is ${JSON.stringify(value)}; it must be one of ${words.join(', ')}.`)
  }

  integer(name: string, from: number, to: number): number | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    const number = typeof value === 'string' && value !== '' ? Number(value) : value
    if (typeof number === 'number' && Number.isInteger(number) && number >= from && number <= to)
      return number
    return this.#refuse(
      `${name} is ${JSON.stringify(value)}; it must be a whole number from ${from} to ${to}.`,
    )
  }

  flag(name: string): boolean | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    return typeof value === 'boolean' ? value : this.#refuse(`${name} must be true or false.`)
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    return Array.isArray(value) ? value : this.#refuse(`${name} must be a list.`)
  }

  texts(name: string): readonly string[] | undefined {
    const values = this.list(name)
    if (values?.some((value) => typeof value !== 'string')) this.#refuse(`${name} must be a list of strings.`)
    return values as readonly string[] | undefined
  }

  /** A structure's own members. */
  structure(name: string): Input | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    if (typeof value !== 'object' || Array.isArray(value)) this.#refuse(`${name} must be a structure.`)
    return new Input(value as Values, this.#refusal)
  }

  structures(name: string): readonly Input[] | undefined {
    return this.list(name)?.map((value) => {
      if (typeof value !== 'object' || value === null) this.#refuse(`${name} must be a list of structures.`)
      return new Input(value as Values, this.#refusal)
    })
  }

  /** A time in milliseconds since 1970: seconds since then, or written out. */
  timeMs(name: string): number | undefined {
    const value = this.#values[name]
    if (value === undefined || value === null) return undefined
    // CBOR has a tag around the seconds.
    const plain = typeof value === 'object' ? (value as { readonly value?: unknown }).value : value
    const ms = typeof plain === 'string' ? Date.parse(plain) : Number(plain ?? Number.NaN) * 1_000
    return Number.isFinite(ms) ? ms : this.#refuse(`${name} must be a time.`)
  }

  /** The members that are given. */
  get names(): readonly string[] {
    return Object.keys(this.#values).filter((name) => this.#values[name] !== undefined)
  }

  refuse(message: string): never {
    return this.#refuse(message)
  }

  #refuse(message: string): never {
    throw new ApiError(this.#refusal, message)
  }
}

/** A page of a list, and the token of the next one. `refusal` names a token that no page gave. */
export function pageOf<T>(
  items: readonly T[],
  size: number,
  token: string | undefined,
  refusal: string,
): { readonly items: readonly T[]; readonly next: string | undefined } {
  const from =
    token === undefined ? 0 : Number(Buffer.from(token, 'base64url').toString('utf8') || Number.NaN)
  if (!Number.isInteger(from) || from < 0) throw new ApiError(refusal, 'The token is not one of this list.')
  const end = from + size
  const next = end < items.length ? Buffer.from(String(end)).toString('base64url') : undefined
  return { items: items.slice(from, end), next }
}
