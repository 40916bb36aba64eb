import { GERMAN_WORDS } from './german-words.ts'

/**
 * The index of deals. Everyone reads and writes it by its alias; the index behind it is replaced when the mapping changes
 * (`keeper search reindex`).
 */

/** What searches read and the indexer writes. */
export const DEALS_ALIAS = 'deals'

/** Version of the mapping: raise it with every change of anything below, so that `reindex` makes a new index. */
export const DEALS_VERSION = 1

/** The name of a version's first index, `deals-v1`. */
export const dealsIndexName = (version: number): string => `${DEALS_ALIAS}-v${version}`

/** Exact to two decimals, as numeric(12,2) is: kept as a whole number of hundredths. */
const HUNDREDTHS = { type: 'scaled_float', scaling_factor: 100 } as const

const PREFIX_CHARACTERS = { min: 2, max: 15 } as const

/**
 * A title's words are found in German (`title`), in English (`title.english`), and by their beginnings (`title.prefix`).
 * The fields that are only shown are not indexed.
 * https://docs.opensearch.org/latest/mappings/
 */
const MAPPINGS = {
  dynamic: 'strict',
  properties: {
    asin: { type: 'keyword' },
    domain: { type: 'keyword' },
    title: {
      type: 'text',
      analyzer: 'german_title',
      search_analyzer: 'german_words',
      fields: {
        english: { type: 'text', analyzer: 'english_title' },
        prefix: { type: 'text', analyzer: 'word_beginnings', search_analyzer: 'typed_beginning' },
      },
    },
    current_price: HUNDREDTHS,
    original_price: HUNDREDTHS,
    discount_percent: HUNDREDTHS,
    rating: HUNDREDTHS,
    review_count: { type: 'integer' },
    sales_rank: { type: 'integer' },
    deal_at: { type: 'date', format: 'strict_date_optional_time' },
  },
} as const

/**
 * `german_normalization` makes "Mäuse" and "Maeuse" one word and `light_german` makes it "maus". Compounds are taken apart
 * in titles only: a search for "Funktastatur" means that word, one for "Tastatur" finds both.
 * https://docs.opensearch.org/latest/analyzers/
 */
const ANALYSIS = {
  analyzer: {
    german_title: {
      tokenizer: 'standard',
      filter: ['lowercase', 'german_normalization', 'german_compounds', 'light_german', 'unique_at_place'],
    },
    german_words: { tokenizer: 'standard', filter: ['lowercase', 'german_normalization', 'light_german'] },
    english_title: {
      tokenizer: 'standard',
      filter: ['english_possessive', 'lowercase', 'asciifolding', 'light_english'],
    },
    word_beginnings: { tokenizer: 'standard', filter: ['lowercase', 'asciifolding', 'beginnings'] },
    typed_beginning: { tokenizer: 'standard', filter: ['lowercase', 'asciifolding', 'longest_beginning'] },
  },
  filter: {
    light_german: { type: 'stemmer', language: 'light_german' },
    light_english: { type: 'stemmer', language: 'light_english' },
    english_possessive: { type: 'stemmer', language: 'possessive_english' },
    german_compounds: { type: 'dictionary_decompounder', word_list: GERMAN_WORDS, only_longest_match: true },
    // A word that is its own part would count twice.
    unique_at_place: { type: 'unique', only_on_same_position: true },
    beginnings: { type: 'edge_ngram', min_gram: PREFIX_CHARACTERS.min, max_gram: PREFIX_CHARACTERS.max },
    longest_beginning: { type: 'truncate', length: PREFIX_CHARACTERS.max },
  },
} as const

/** A version of the index: its number, and what it is created with. */
export interface IndexDefinition {
  readonly version: number
  readonly mappings: { readonly properties: Readonly<Record<string, unknown>> } & Readonly<
    Record<string, unknown>
  >
  readonly settings: Readonly<Record<string, unknown>>
}

/**
 * The index as this code wants it. A single shard holds millions of deals; with an interval of its own an index is also
 * refreshed while nobody searches, so the first search after a while finds what is new.
 */
export const DEALS_INDEX: IndexDefinition = {
  version: DEALS_VERSION,
  mappings: MAPPINGS,
  settings: {
    number_of_shards: 1,
    auto_expand_replicas: '0-1',
    refresh_interval: '1s',
    analysis: ANALYSIS,
  },
}
