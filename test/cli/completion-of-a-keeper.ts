import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { type LocalKeeper, runKeeper } from './local-keeper.ts'

/** What a shell offers at the press of the key. */
export async function suggested(...words: string[]): Promise<string[]> {
  const { out } = await runKeeper(['complete', '--', ...words])
  return out
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(':'))
    .map((line) => line.split('\t')[0] ?? '')
}

/** Completion beside a Keeper that runs, for a test file that has one: it changes nothing of it. */
export function completionOf(local: () => LocalKeeper): void {
  describe('the key completes', () => {
    const of = (...words: string[]) => suggested('--state', local().directory, ...words)

    test('topics, groups and ASINs that are watched', async () => {
      expect(await of('topics', 'describe', 'pri')).toEqual(['price-updates'])
      expect(await of('groups', 'reset', '')).toEqual(
        expect.arrayContaining(['keeper-consumer-group', 'keeper-consumer-group-deals']),
      )
      const [watch] = await local().json('watches', 'list')
      expect(await of('prices', watch.asin.slice(0, 9))).toContain(watch.asin)
    })

    test('to what was looked up within the last minute', async () => {
      const folder = join(local().directory, 'completion')
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'local-group.json'), '["kept"]')
      expect(await of('groups', 'describe', '')).toEqual(['kept'])
      await rm(join(folder, 'local-group.json'))
    })
  })
}
