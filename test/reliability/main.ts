import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { page } from './page.ts'

/** `npm run document-reliability` writes docs/reliability.md. */
await writeFile(join(import.meta.dirname, '..', '..', 'docs', 'reliability.md'), page())
