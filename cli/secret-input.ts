import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { typedLine } from './typed-line.ts'

/** Reads a secret from the terminal without showing it, or all of what is piped in. */
export async function readSecret(question: string): Promise<string> {
  if (!process.stdin.isTTY) return (await text(process.stdin)).trim()
  process.stderr.write(question)
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const secret = await typedLine(createInterface({ input: process.stdin, output: nowhere, terminal: true }))
  process.stderr.write('\n')
  return secret.trim()
}
