import { formatsOf } from './formats.ts'
import { htmlOf } from './layout.tsx'
import type { Letter } from './letter.ts'
import { alertLetter } from './letters/alert-letter.ts'
import { noticeLetter, testLetter } from './letters/other-letters.ts'
import { reportLetter } from './letters/report-letter.ts'
import type { Message, MessageLinks, Reader, RenderedMessage } from './message.ts'
import { summaryOf, textOf } from './text.ts'

/**
 * A message as its reader gets it: in the reader's language, numbers and time zone.
 * @param now when it is written: charts end here
 */
export function renderMessage(
  message: Message,
  reader: Reader,
  links: MessageLinks,
  now: Date = new Date(),
): RenderedMessage {
  const letter = letterOf(message, reader, links, now)
  return {
    subject: letter.subject,
    html: htmlOf(letter),
    text: textOf(letter),
    attachments: letter.items.flatMap(({ chart }) => (chart ? [chart.image] : [])),
    summary: summaryOf(letter),
    url: letter.items[0]?.url ?? null,
  }
}

function letterOf(message: Message, reader: Reader, links: MessageLinks, now: Date): Letter {
  const formats = formatsOf(reader)
  switch (message.kind) {
    case 'alert':
    case 'digest':
      return alertLetter(message, formats, links, now)
    case 'report':
      return reportLetter(message, formats, links, now)
    case 'notice':
      return noticeLetter(message, formats, links)
    case 'test':
      return testLetter(formats)
  }
}
