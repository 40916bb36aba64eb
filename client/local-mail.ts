import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ClientError } from './client-error.ts'

/** A mail that a local run would have sent: `.local/mail/<id>.json`. */
export interface LocalMail {
  readonly id: string
  readonly at: string
  readonly from: string
  readonly to: readonly string[]
  readonly subject: string
  readonly headers: Readonly<Record<string, string>>
  readonly text: string | null
  readonly html: string | null
  readonly attachments: readonly {
    readonly name: string
    readonly contentType: string
    readonly contentId: string | null
    /** Base64. */
    readonly content: string
  }[]
}

/** The part of an id that tells mails apart and is short. */
export const shortId = (id: string): string => id.split('-')[1] ?? id

/** The newest mails, the newest first: ids sort by time. */
export async function localMails(state: string, most: number): Promise<readonly LocalMail[]> {
  const ids = await idsIn(state)
  return Promise.all(ids.slice(0, most).map((id) => read(state, id)))
}

/**
 * The mail whose id has this part, or the newest.
 * @throws ClientError `no_such_mail`
 */
export async function localMail(state: string, part = ''): Promise<LocalMail> {
  const ids = await idsIn(state)
  const found = ids.filter((id) => id.includes(part))
  const [only, second] = found
  if (only === undefined) {
    const reason =
      ids.length === 0 ? `There are no mails in ${join(state, 'mail')}` : `There is no mail ${part}`
    throw new ClientError('no_such_mail', `${reason}: keeper mail list shows what there is.`)
  }
  if (second !== undefined && part !== '') {
    throw new ClientError('no_such_mail', `${found.length} mails have ${part} in their ids: give more of it.`)
  }
  return read(state, only)
}

/**
 * The mail's HTML with its images in it, as a page of its own.
 * @throws ClientError `no_such_mail` for one without HTML
 */
export function pageOf({ html, attachments, id }: LocalMail): string {
  if (html === null)
    throw new ClientError('no_such_mail', `The mail ${id} has no HTML: keeper mail show shows its text.`)
  return attachments.reduce(
    (page, { contentId, contentType, content }) =>
      contentId === null
        ? page
        : page.replaceAll(`cid:${contentId}`, `data:${contentType};base64,${content}`),
    html,
  )
}

async function idsIn(state: string): Promise<readonly string[]> {
  const files = await readdir(join(state, 'mail')).catch(() => [])
  return files
    .flatMap((file) => (file.endsWith('.json') ? [file.slice(0, -'.json'.length)] : []))
    .sort()
    .reverse()
}

const read = async (state: string, id: string): Promise<LocalMail> =>
  JSON.parse(await readFile(join(state, 'mail', `${id}.json`), 'utf8')) as LocalMail
