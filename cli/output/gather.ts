/** All rows of a long answer, or the first `most` of them. */
export async function gather<Row>(rows: AsyncIterable<Row>, most = Number.POSITIVE_INFINITY): Promise<Row[]> {
  const gathered: Row[] = []
  for await (const row of rows) {
    if (gathered.length >= most) break
    gathered.push(row)
  }
  return gathered
}
