/**
 * The data that the statement storing prices passes to the one raising alerts: all prices of the products for which a
 * price of the batch meets the highest target. It is passed in a setting of the transaction, because the second
 * statement is sent without waiting for the answer to the first. A temporary table would change the catalog in each
 * transaction; returning the rows and sending them back would cost a round trip, a quarter of a batch of 1,000 with the
 * database 1 ms away (docs/decisions/statements-without-waiting.md).
 * https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-SET
 */
const SETTING = 'keeper.near_target'

/**
 * Its columns:
 * - product_id, recorded_at, price: of the history row;
 * - place: its place in the batch;
 * - lowest: the lowest of the product's prices in the batch that may become the current price;
 * - is_news: whether it became the current price, if only for a moment;
 * - previous_price: the current price before it.
 */
const COLUMNS = `product_id bigint, recorded_at timestamptz, price numeric, place integer, lowest numeric,
    is_news boolean, previous_price numeric`

/** Stores the rows of the CTE `near` in the setting; true if there are any. */
export const LEAVE_NEAR = `set_config('${SETTING}', (select coalesce(json_agg(near), '[]')::text from near), true) <> '[]'`

/** The CTE `near` with the rows from the setting. */
export const LEFT_NEAR = `near as materialized (
  select * from json_to_recordset(current_setting('${SETTING}')::json) as near (
    ${COLUMNS}
  )
)`
