import type { Command } from 'commander'
import { PERMISSIONS } from '../permissions.ts'
import { familiesOf, helpOf } from './help.ts'
import type { Outputs } from './run-examples.ts'

/** Kafka's own tools, and what to write instead. */
const KAFKA_TOOLS: readonly (readonly [theirs: string, ours: string])[] = [
  ['kafka-topics --list', 'topics list'],
  ['kafka-topics --describe --topic price-updates', 'topics describe price-updates'],
  [
    'kafka-topics --create --topic returns --partitions 3 --replication-factor 1',
    'topics create returns --partitions 3 --replication-factor 1',
  ],
  [
    'kafka-console-consumer --topic price-updates --from-beginning --max-messages 5',
    'messages read price-updates -n 5',
  ],
  ['kafka-console-consumer --topic price-updates', 'messages follow price-updates'],
  ['kafka-consumer-groups --list', 'groups list'],
  ['kafka-consumer-groups --describe --group keeper-consumer-group', 'groups describe keeper-consumer-group'],
  [
    'kafka-consumer-groups --reset-offsets --group keeper-consumer-group --to-earliest --execute',
    'groups reset keeper-consumer-group --to start',
  ],
  ['kafka-get-offsets --topic price-updates (GetOffsetShell)', 'topics count price-updates'],
]

const INTRODUCTION = `# The command line

\`npm run keeper -- <command>\` in a checkout, or \`npx --no-install keeper <command>\`, or \`cli/keeper.js\`, which may be
linked to from a folder of PATH. Without \`--stage\` it asks the Keeper that \`npm run local\` has started; with
\`--stage NAME\` one on AWS, with your own credentials (AWS_PROFILE, AWS_REGION).

Data goes to stdout, everything else to stderr. \`--json\` gives one document, or lines where output does not end. Exit
codes: 0 done, 1 failed, 2 not understood, 3 Keeper, Kafka or Postgres not reached, 4 no credentials or no permission, 130
Ctrl-C. \`--yes\` answers questions, which a command asks before it changes something that is hard to undo. Times are in
UTC, those that are printed and those that are given without a zone.

\`source <(keeper completion bash)\` in a shell's profile completes commands, topics, groups and ASINs; \`keeper completion
--help\` has the other shells.

This page is made by \`npm run document-cli\`: help texts as they are, outputs of real runs on a local Keeper with fixed
data, in which times are replaced.`

/** The page docs/cli.md. */
export function page(program: Command, outputs: Outputs): string {
  const families = familiesOf(program)
  const sections = families.map(({ family, commands }) =>
    [
      `## ${family.name()}`,
      ...(commands.length > 1 ? [`${capitalised(family.description())}.`] : []),
      ...commands.flatMap(({ words, command }) => [
        ...(commands.length > 1 ? [`### ${words}`] : []),
        fenced(helpOf(command)),
        ...outputOf(words, outputs),
      ]),
    ].join('\n\n'),
  )
  const table = [
    '## For those who know Kafka’s own tools',
    [
      '| Kafka | Keeper |',
      '|---|---|',
      ...KAFKA_TOOLS.map(([theirs, ours]) => `| \`${theirs}\` | \`keeper ${ours}\` |`),
    ].join('\n'),
    'A test compares what both say on the same broker (`test/operator/kafka/kafka-tools.test.ts`).',
  ].join('\n\n')
  return `${[INTRODUCTION, fenced(helpOf(program)), table, ...sections, permissions()].join('\n\n')}\n`
}

/** What people must be granted, command by command. */
function permissions(): string {
  const rows = Object.entries(PERMISSIONS)
    .filter(([, { permissions: asked }]) => asked.length > 0)
    .map(([command, { policy, permissions: asked }]) => {
      const calls = asked.map(([action, on]) => `\`${action}\` on ${on}`)
      return `| \`keeper ${command}\` | ${policy} | ${calls.join(', ')} |`
    })
  return [
    '## What each command asks of AWS',
    'With `--stage`, and with your own credentials. A stage has two managed policies for people: `keeper-<stage>-read`, and `keeper-<stage>-operate`, which is granted beside it. Tests simulate both, and watch what the commands really call.',
    ['| command | policy | IAM actions |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}

function outputOf(words: string, outputs: Outputs): readonly string[] {
  const output = outputs.get(words)
  return output ? [fenced(`$ ${output.line}\n${output.text}`)] : []
}

const fenced = (text: string): string => `\`\`\`text\n${text.trimEnd()}\n\`\`\``

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
