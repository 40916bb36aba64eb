import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline as piped } from 'node:stream/promises'
import { from as copyFrom } from 'pg-copy-streams'
import { installConnect, type JdbcSink, startJdbcSink } from './debezium/connect.ts'
import { COLUMNS, CREATE_TABLE, TABLE } from './debezium/settings.ts'
import { PRODUCTS, PriceStream } from './input.ts'
import { type Engines, type Group, type Sample, timed } from './measure.ts'
import { PARTITIONS, pricePipeline } from './price-pipeline.ts'
import { fillTopic, rowsAre, throughMapping } from './topic-to-rows.ts'

const EVENTS = 300_000
const DIRECTORY = join(import.meta.dirname, '..', '.local', 'bench', 'connect')

/** The price consumer beside a sink that many would take: Debezium's, which upserts the prices and does nothing else. */
export async function jdbcSinkBenches(engines: Engines): Promise<Group> {
  const connect = await installConnect(DIRECTORY)
  const pipeline = await pricePipeline(engines, 'bench_jdbc_sink')
  const { database, kafka } = pipeline
  const { client } = database
  const stream = new PriceStream(11)
  await client.query(CREATE_TABLE)

  const startSink = (name: string, topic: string) =>
    startJdbcSink(connect, engines.bootstrapServers, {
      name,
      topic,
      databaseUrl: database.url,
      tasks: PARTITIONS,
    })
  const rowsOf = (sink: JdbcSink) => Promise.race([rowsAre(client, TABLE, EVENTS), sink.failed])

  const cold = async (): Promise<Sample> => {
    const topic = await pipeline.freshTopic()
    await fillTopic(kafka, topic, stream, EVENTS)
    await client.query(`truncate ${TABLE}`)
    let sink: JdbcSink | undefined
    try {
      const ms = await timed(async () => {
        sink = await startSink('cold', topic)
        await rowsOf(sink)
      })
      return { units: EVENTS, ms }
    } finally {
      await sink?.stop()
      await pipeline.deleteTopic(topic)
    }
  }

  let running: { readonly topic: string; readonly sink: JdbcSink } | undefined
  const startWarm = async () => {
    const topic = await pipeline.freshTopic()
    await fillTopic(kafka, topic, stream, EVENTS)
    await client.query(`truncate ${TABLE}`)
    const sink = await startSink('warm', topic)
    running = { topic, sink }
    await rowsOf(sink)
    await sink.pause()
    return running
  }
  const warm = async (): Promise<Sample> => {
    const { topic, sink } = running ?? (await startWarm())
    await fillTopic(kafka, topic, stream, EVENTS)
    await client.query(`truncate ${TABLE}`)
    const ms = await timed(async () => {
      await sink.resume()
      await rowsOf(sink)
    })
    await sink.pause()
    return { units: EVENTS, ms }
  }

  const copy = async (): Promise<Sample> => {
    const lines = Array.from({ length: EVENTS }, () => {
      const event = JSON.parse(stream.nextValue('price').json) as Record<string, unknown>
      return `${COLUMNS.map((column) => event[column]).join('\t')}\n`
    }).join('')
    await client.query(`truncate ${TABLE}`)
    const ms = await timed(() =>
      piped(
        Readable.from([lines]),
        client.query(copyFrom(`copy ${TABLE} (${COLUMNS.join(', ')}) from stdin`)),
      ),
    )
    return { units: EVENTS, ms }
  }

  return {
    benches: [
      {
        group: 'jdbc-sink',
        name: 'from topic to rows, beside a plain sink',
        what: 'events a second from a full topic to committed rows. Debezium upserts asin, domain, time and price; the price consumer also keeps products current and raises alerts. Warm: the process runs, has consumed as many events before, and waits',
        input: `${EVENTS} price events in ${PARTITIONS} partitions over ${PRODUCTS} products`,
        unit: 'events/s',
        peers: [
          {
            name: 'local mapping and price consumer, batch 10000, from the start of their processes',
            run: () => throughMapping(pipeline, stream, EVENTS, 10_000),
          },
          { name: 'Debezium’s JDBC sink, from the start of its process', run: cold },
          { name: 'Debezium’s JDBC sink, warm, from its resumption', run: warm },
          { name: 'COPY of the sink’s rows alone', run: copy },
        ],
      },
    ],
    close: async () => {
      await running?.sink.stop()
      await pipeline.close()
    },
  }
}
