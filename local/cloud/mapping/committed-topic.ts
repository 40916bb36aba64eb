/** What is written beside a committed offset, which says of which topic it is: a name may be another topic by now. */
const FORM = /^topic-id=([0-9a-f]{32})$/

export const metadataOf = (topicId: string): string => `topic-id=${topicId}`

/** The topic's id; undefined where another program committed the offset. */
export const idOf = (metadata: string | null | undefined): string | undefined =>
  FORM.exec(metadata ?? '')?.[1]
