/**
 * The constraints of our own migrations on the rows that consumers write. A record is rejected only if it violates one
 * of these: a constraint that somebody else added to a table may refuse every price, which is no record's fault.
 * A test compares both lists with a migrated database.
 */

/** Check constraints, foreign keys, and triggers of single rows, some of which refuse a row like a check. */
export const OWN_CONSTRAINTS: ReadonlySet<string> = new Set([
  'watched_products_asin_check',
  'watched_products_asin_is_well_formed',
  'watched_products_current_price_check',
  'watched_products_added_by_check',
  'watched_products_domain_is_a_marketplace',
  'watched_products_is_offered_again',
  'watched_products_keepa_problem_check',
  'price_history_price_check',
  'product_words_inserted',
  'product_words_updated',
  'price_alerts_status_check',
  'price_alerts_watch_id_fkey',
  'price_alerts_message_id_fkey',
  'deals_asin_check',
  'deals_current_price_check',
  'rejected_records_has_group',
])

/** NOT NULL columns, by table. */
export const OWN_NOT_NULL: Readonly<Record<string, readonly string[]>> = {
  watched_products: [
    'id',
    'asin',
    'domain',
    'title',
    'currency',
    'added_by',
    'asks_buy_box',
    'created_at',
    'updated_at',
  ],
  price_history: ['product_id', 'recorded_at', 'source', 'price', 'topic', 'partition', 'offset'],
  price_alerts: [
    'id',
    'watch_id',
    'triggered_price',
    'target_price',
    'status',
    'triggered_at',
    'notification_channel',
    'raised_at',
  ],
  price_gaps: ['product_id', 'recorded_at', 'source', 'topic', 'partition', 'offset'],
  deals: ['asin', 'domain', 'title', 'current_price', 'deal_at'],
  consumed_offsets: ['consumer_group', 'topic', 'partition', 'next_offset'],
  rejected_records: [
    'id',
    'topic',
    'partition',
    'offset',
    'fingerprint',
    'headers',
    'reason',
    'detail',
    'rejected_at',
    'consumer_group',
  ],
}
