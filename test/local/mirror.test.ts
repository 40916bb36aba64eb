import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { codeOf } from '../../lambdas/core/errors.ts'
import { createOpenSearch, type OpenSearch } from '../../lambdas/core/search/open-search.ts'
import * as TOPICS from '../../lambdas/core/topics.ts'
import { runCommand } from '../../local/engines/commands.ts'
import { findDocker, projectOf } from '../../local/engines/compose.ts'
import { eventsIndex, MIRROR_REJECTED } from '../../local/mirror.ts'
import { type RunState, readState } from '../../local/run-state.ts'
import { type TestKafka, testKafka } from '../helpers/kafka.ts'
import { dealEvent } from '../helpers/msk-events.ts'
import { ownDir } from '../helpers/stoppable.ts'
import { until } from './until.ts'

/** `npm run local -- --connect` as a whole, with programs of this machine and, where there is a Docker engine, in containers. */

const RUN = join(import.meta.dirname, '..', '..', 'local', 'run.ts')
const START_MS = 600_000

const docker = await findDocker(process.env)

describe.each(['embedded', ...('version' in docker ? ['compose'] : [])])('with the %s engine', (engine) => {
  let directory: string
  let stop: () => Promise<unknown> = async () => undefined
  let state: RunState
  let kafka: TestKafka
  let search: OpenSearch

  beforeAll(async () => {
    directory = await ownDir('mirror')
    const { KEEPA_API_KEY: _, ...environment } = process.env
    const args = [RUN, '--state', directory, '--engine', engine, '--connect', '--no-schedules']
    const program = spawn(process.execPath, args, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [program.stdout, program.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said += chunk
      })
    }
    const ended = once(program, 'close')
    stop = async () => {
      program.kill('SIGINT')
      await ended
    }
    const over = ended.then(([code]) => {
      throw new Error(`The run ended with ${code}:\n${said}`)
    })
    state = await Promise.race([until(() => readState(join(directory, 'run.json')), START_MS), over])
    over.catch(() => undefined)
    kafka = await testKafka(state.kafka)
    search = createOpenSearch({ SEARCH_ENDPOINT: state.searchUrl ?? '' }) as OpenSearch
  }, START_MS)
  afterAll(async () => {
    search?.close()
    await kafka?.close()
    await stop()
    if (engine !== 'compose') return
    const down = ['compose', '--project-name', projectOf(directory), 'down', '--volumes']
    await runCommand('docker', down, { environment: process.env, timeoutMs: 60_000 })
  }, 120_000)

  /** What an index has of a partition, or of a product; nothing where the index is not there yet. */
  async function found(index: string, term: Readonly<Record<string, unknown>>) {
    await search.ask({ method: 'POST', path: `/${index}/_refresh` }).catch(unlessMissing)
    const answer = await search
      .ask<{ hits: { hits: { _source: Record<string, unknown> }[] } }>({
        method: 'POST',
        path: `/${index}/_search`,
        query: { ignore_unavailable: 'true' },
        body: { query: { term } },
      })
      .catch(unlessMissing)
    return answer?.hits.hits.map(({ _source }) => _source) ?? []
  }
  const mirrored = async (partition: number) =>
    (await found(eventsIndex(TOPICS.deals.name), { kafka_partition: partition })).sort(
      (a, b) => Number(a.kafka_offset) - Number(b.kafka_offset),
    )

  test('every event is a document of the mirror, and a product’s newest deal one of the index', async () => {
    const at = (minute: number) => dealEvent({ timestamp: `2026-02-20T12:${minute}:00Z` })
    const [sent] = await kafka.produce(TOPICS.deals.name, [
      { value: JSON.stringify(at(10)), partition: 0 },
      { value: JSON.stringify(at(20)), partition: 0 },
    ])
    await until(async () => (await mirrored(0)).length === 2)
    const first = Number(sent?.baseOffset)
    const place = { kafka_topic: TOPICS.deals.name, kafka_partition: 0 }
    expect(await mirrored(0)).toMatchObject([
      { ...at(10), ...place, kafka_offset: first },
      { ...at(20), ...place, kafka_offset: first + 1 },
    ])
    await until(async () => {
      const [deal] = await found('deals', { asin: at(20).asin })
      return deal?.deal_at === '2026-02-20T12:20:00Z'
    })
  }, 180_000)

  test('what is no JSON is in the topic of rejected records, with the reason, and holds nothing up', async () => {
    await kafka.produce(TOPICS.deals.name, [
      { value: '{"asin":', partition: 1 },
      { value: JSON.stringify(dealEvent({ asin: 'B000000002' })), partition: 1 },
    ])
    await until(async () => (await mirrored(1)).length === 1)
    const [rejected, ...more] = await until(async () => {
      const records = await kafka.readAll(MIRROR_REJECTED)
      return records.length > 0 && records
    })
    expect([String(rejected?.value), more]).toEqual(['{"asin":', []])
    expect(String(rejected?.headers['__connect.errors.exception.stacktrace'])).toContain('JsonEOFException')
  }, 180_000)
})

function unlessMissing(error: unknown): undefined {
  if (codeOf(error) !== 'search_index_missing') throw error
}
