import type { Command } from 'commander'
import { examples, run } from '../run.ts'

const work = () => import('../commands/topics.ts')

/** `keeper topics ...` */
export function addTopics(program: Command): void {
  const topics = program.command('topics').description('Kafka topics')
  topics
    .command('list')
    .description('topics, with partitions, replicas and records')
    .action(run(async (context) => (await work()).list(context)))
  topics
    .command('describe <topic>')
    .description('partitions, leaders, replicas, offsets and settings')
    .addHelpText('after', examples('keeper topics describe price-updates'))
    .action(
      run<{ topic: string }>(async (context, { topic }) => (await work()).describe(context, topic), 'topic'),
    )
  topics
    .command('create <topic>')
    .description('creates a topic; one that is there already stays as it is')
    .requiredOption('--partitions <n>', 'how many partitions', Number)
    .requiredOption('--replication-factor <n>', 'how many copies of each', Number)
    .addHelpText('after', examples('keeper topics create returns --partitions 3 --replication-factor 1'))
    .action(
      run<{ topic: string; partitions: number; replicationFactor: number }>(
        async (context, wanted) => (await work()).create(context, wanted),
        'topic',
      ),
    )
  topics
    .command('count <topic>')
    .description("a topic's records, by the offsets of each partition")
    .addHelpText('after', examples('keeper topics count deal-updates'))
    .action(
      run<{ topic: string }>(async (context, { topic }) => (await work()).count(context, topic), 'topic'),
    )
}
