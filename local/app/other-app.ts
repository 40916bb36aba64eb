import { join, resolve } from 'node:path'
import { placesOf } from '../engines/engine.ts'
import { externalAddress } from '../engines/external.ts'
import { hint, invokeCommand, type LocalApp, type Run } from '../start.ts'
import { hasDatabase, readAppTemplate } from './app-template.ts'
import { introduce } from './introduce.ts'
import { Notes } from './notes.ts'
import { readApp } from './stacks.ts'

/** The assembly that another CDK app was synthesized to. A DATABASE_URL is used in place of a Postgres of its own. */
export async function otherApp(
  { options, screen, stateDirectory }: Run,
  directory: string,
): Promise<LocalApp> {
  const assembly = await readApp(resolve(directory))
  const databaseUrl = externalAddress(process.env, 'postgres')
  return {
    services: hasDatabase(assembly) ? ['kafka', 'postgres'] : ['kafka'],
    given: databaseUrl === undefined ? {} : { postgres: databaseUrl },
    read: async (engine) => {
      const places = placesOf(engine)
      const app = await readAppTemplate(assembly, {
        places,
        given: options.env,
        codeDirectory: join(stateDirectory, 'code'),
        parameters: options.parameters,
        stacks: options.stacks,
      })
      const notes = new Notes(join(stateDirectory, 'notes.txt'), screen.line)
      introduce(app, notes)
      const { functions, topics } = app.template
      return {
        template: app.template,
        variables: definedOnly,
        marketUrl: null,
        deployed: async () => {
          notes.list(
            'topics created',
            topics.map(({ name }) => name),
          )
          return undefined
        },
        hints: (lambdaUrl) => [
          notes.listed(
            functions.map(({ name }) => name),
            'ready',
          ),
          '          Ctrl-C stops; data is kept for the next run (--fresh starts empty).',
          hint('Kafka', places.bootstrapServers),
          ...(notes.file === undefined ? [] : [hint('notes', notes.file)]),
          hint('invoke', invokeCommand(lambdaUrl, functions[0]?.name ?? '')),
        ],
        notRunning: app.refused,
      }
    },
  }
}

const definedOnly = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
