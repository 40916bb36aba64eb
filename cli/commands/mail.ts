import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { localMail, localMails, pageOf, shortId } from '../../client/local-mail.ts'
import type { CommandContext } from '../context.ts'
import { clean, table } from '../output/table.ts'

export async function list(context: CommandContext, most: number): Promise<void> {
  const state = context.localState()
  const mails = await localMails(state, most)
  if (context.isJson) return context.print(JSON.stringify(mails, null, 2))
  if (mails.length === 0) return context.say(`There are no mails in ${join(state, 'mail')} yet.`)
  context.print(
    table(
      [
        { name: 'ID', cell: ({ id }) => shortId(id) },
        { name: 'AT', cell: ({ at }) => at.replace(/\.\d+/, '') },
        { name: 'TO', cell: ({ to }) => to.join(', ') },
        { name: 'SUBJECT', cell: ({ subject }) => subject, shrinks: true },
      ],
      mails,
      context.width,
    ),
  )
}

export async function show(context: CommandContext, id?: string): Promise<void> {
  const mail = await localMail(context.localState(), id)
  if (context.isJson) return context.print(JSON.stringify(mail, null, 2))
  const { from, to, at, subject, headers, attachments, text } = mail
  const lines = Object.entries({ From: from, To: to.join(', '), Date: at, Subject: subject, ...headers })
  context.print(lines.map(([name, value]) => `${name}: ${clean(value)}`).join('\n'))
  for (const { name, contentType } of attachments) context.print(clean(`Attached: ${name} (${contentType})`))
  context.print(`\n${(text ?? '(no text)').split('\n').map(clean).join('\n')}`)
}

export async function open(context: CommandContext, id?: string): Promise<void> {
  const mail = await localMail(context.localState(), id)
  const file = join(await mkdtemp(join(tmpdir(), 'keeper-mail-')), `${shortId(mail.id)}.html`)
  await writeFile(file, pageOf(mail))
  if (context.isJson) return context.print(JSON.stringify({ id: mail.id, file }, null, 2))
  context.print(file)
  const program = browser()
  if (program === undefined) return
  // A machine without such a program has been told where the file is.
  spawn(program[0], [...program.slice(1), file], { detached: true, stdio: 'ignore' })
    .on('error', () => undefined)
    .unref()
}

/** What opens a page; undefined without a display, or where nobody looks. */
function browser(): readonly [string, ...string[]] | undefined {
  if (!process.stdout.isTTY) return undefined
  if (process.platform === 'darwin') return ['open']
  if (process.platform === 'win32') return ['cmd', '/c', 'start', '']
  return process.env.DISPLAY || process.env.WAYLAND_DISPLAY ? ['xdg-open'] : undefined
}
