/**
 * What the statement that stores prices leaves for the one that raises alerts: the prices of those products that one
 * price of the batch brings to their highest target. It is kept in a setting of the transaction, because the second
 * statement is sent right behind the first one, without waiting for its answer: a temporary table would cost a change
 * of the catalog in each transaction, and returning the rows and sending them back one more round trip, a quarter of a
 * batch of 1,000 where the database is 1 ms away (docs/decisions/statements-without-waiting.md).
 * https://www.postgresql.org/docs/18/functions-admin.html#FUNCTIONS-ADMIN-SET
 */
const SETTING = 'keeper.near_target'

/**
 * The columns, by name and type:
 * - product_id, recorded_at, price: of the history row;
 * - place: its place in the batch;
 * - lowest: the lowest price that may become the product's current one, of all its prices in the batch;
 * - is_news: whether it became the current price, if only for a moment;
 * - previous_price: the current price before it.
 */
const COLUMNS = `product_id bigint, recorded_at timestamptz, price numeric, place integer, lowest numeric,
    is_news boolean, previous_price numeric`

/** An expression that leaves the rows of the CTE `near`, and is true where there are any. */
export const LEAVE_NEAR = `set_config('${SETTING}', (select coalesce(json_agg(near), '[]')::text from near), true) <> '[]'`

/** The CTE `near` with the rows that were left. */
export const LEFT_NEAR = `near as materialized (
  select * from json_to_recordset(current_setting('${SETTING}')::json) as near (
    ${COLUMNS}
  )
)`
