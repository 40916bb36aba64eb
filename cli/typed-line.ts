import type { Interface } from 'node:readline/promises'
import { ClientError } from '../client/client-error.ts'

/**
 * The line that somebody types at a terminal, which is closed then.
 * @throws ClientError `interrupted` after Ctrl-C, `declined` after Ctrl-D
 */
export async function typedLine(terminal: Interface, question = ''): Promise<string> {
  const line = new Promise<string>((resolve, reject) => {
    terminal.once('SIGINT', () => reject(new ClientError('interrupted', 'Nothing was changed.')))
    terminal.once('close', () => reject(new ClientError('declined', 'Nothing was changed.')))
    // A terminal that is closed rejects as well, as an abortion of Node's own.
    terminal.question(question).then(resolve, () => undefined)
  })
  try {
    return await line
  } catch (error) {
    // Behind the question.
    process.stderr.write('\n')
    throw error
  } finally {
    terminal.close()
  }
}
