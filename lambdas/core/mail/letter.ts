import type { InlineImage } from './message.ts'

/**
 * A message in words, before it has a layout: HTML and text are both made of it, so they say the same. Strings are plain
 * text, in the reader's language.
 */
export interface Letter {
  readonly language: string
  readonly subject: string
  /** What an inbox shows after the subject. */
  readonly preview: string
  readonly intro: string
  readonly items: readonly LetterItem[]
  readonly footer: readonly Sentence[]
}

/** One product. */
export interface LetterItem {
  readonly title: string
  readonly url: string
  /** `amazon.de` */
  readonly shop: string
  /** The price, large; null if there is none to tell. */
  readonly price: string | null
  /** How it changed, beside the price. */
  readonly change: string | null
  /** When it was seen, for the few lines that have no facts; null if that was just now. */
  readonly seen: string | null
  readonly facts: readonly Fact[]
  readonly chart: Chart | null
  /** Why this was sent. */
  readonly why: string | null
  readonly links: readonly Sentence[]
}

export interface Fact {
  readonly label: string
  readonly value: string
}

export interface Chart {
  readonly image: InlineImage
  /** The facts that the picture shows. */
  readonly alt: string
  readonly width: number
  readonly height: number
  /** Below the picture, from left to right. */
  readonly labels: readonly [from: string, range: string, until: string]
}

/** Words, of which all are a link if there is one. */
export interface Sentence {
  readonly text: string
  readonly url?: string
}
