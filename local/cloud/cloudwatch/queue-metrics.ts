import { readdirSync } from 'node:fs'
import { codeOf } from '../cloud-error.ts'

/** How many documents a folder has that stands for a queue; one that is not there is an empty queue. */
export function messagesIn(folder: string): number {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.json')).length
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0
    throw error
  }
}
