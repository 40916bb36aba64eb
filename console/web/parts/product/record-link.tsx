/** A record by its place, which leads to the message. */
export const RecordLink = ({
  topic,
  partition,
  offset,
}: {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}) => (
  <a href={`/topics/${topic}?partition=${partition}&from=${offset}:${BigInt(offset) + 1n}`}>
    {topic} {partition}:{offset}
  </a>
)
