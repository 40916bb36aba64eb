/** The text's beginning, up to a size, with an ellipsis where something is left out. No character is cut in two. */
export function clipped(
  text: string,
  most: number,
  sizeOf: (text: string) => number = ({ length }) => length,
): string {
  if (sizeOf(text) <= most) return text
  let kept = ''
  let size = sizeOf('…')
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    size += sizeOf(segment)
    if (size > most) break
    kept += segment
  }
  return `${kept}…`
}
