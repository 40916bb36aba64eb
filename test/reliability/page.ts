import { CASES } from './cases.ts'

const HEAD = `# Reliability

Every event whose send was acknowledged ends, within retention, in exactly one place: the tables, or \`rejected_records\` with its bytes and a reason. Nothing is acknowledged to Kafka before that is committed. A replay of any stretch changes nothing. Every alert is handed over or visibly given up.

Two kinds of failure are told apart. A record that can never be stored is quarantined in the transaction of its batch, and the batch goes on. If the infrastructure fails, the batch fails: nothing of it is committed, and it is delivered again.

The tables below name each case and the tests that show it, on a real broker and a real Postgres. They are written by \`npm run document-reliability\` from test/reliability/cases.ts; a test fails if a named test does not exist or this page is stale.
`

const TAIL = `## The soak

\`npm run soak -- --minutes 20 --seed 7\` runs the whole of Keeper (\`npm run local\`) on a broker and a Postgres of its own, behind networks that can fail, in the manner of [Jepsen](https://jepsen.io/analyses). Producers send uniquely numbered prices and note each acknowledgement. A nemesis draws faults by the seed, two at once every third time: engines are killed, stopped, halted, made read-only or out of connections; networks freeze, slow down, are cut and half closed; functions and the run are killed and halted; the group is reset, also by a run that dies over it; records are redriven; watches change; webhooks fail; partitions are added; the topic is recreated. Then it compares what was acknowledged with the tables, the alerts with the history, and what people received with what \`deliveries\` says. It prints each fault when it comes; the same seed draws the same ones. \`npm run test:all\` has a short one, with another seed each time; \`npm test\` leaves it out, for its time.

## Guards that are broken on purpose

\`npm run mutate\` breaks one guard at a time (test/mutations/mutations.ts) and runs the tests that must notice. It takes minutes and is run on request.
`

/** docs/reliability.md. */
export function page(): string {
  const sections = Object.entries(CASES).map(([title, cases]) =>
    [
      `## ${title}`,
      '',
      '| case | outcome | tests |',
      '|---|---|---|',
      ...cases.map(({ what, outcome, tests }) => {
        const shown = tests.map((test) => {
          const [file, title] = partsOf(test)
          return `\`${file}\`: ${title.replaceAll('|', '\\|')}`
        })
        return `| ${what} | ${outcome} | ${shown.join('<br>')} |`
      }),
      '',
    ].join('\n'),
  )
  return [HEAD, ...sections, TAIL].join('\n')
}

/** The file below test/, and the title or a part of it. */
export function partsOf(test: string): readonly [file: string, title: string] {
  const [file = '', ...title] = test.split(': ')
  return [file, title.join(': ')]
}
