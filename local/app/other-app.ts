import { join, resolve } from 'node:path'
import { KeeperError } from '../../lambdas/core/errors.ts'
import { placesOf } from '../engines/engine.ts'
import { externalAddress } from '../engines/external.ts'
import { hint, invokeCommand, type LocalApp, type Run } from '../start.ts'
import { type AppTemplate, hasDatabase, readAppTemplate } from './app-template.ts'
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
      })
      tell(app, screen.line)
      const { functions, topics } = app.template
      return {
        template: app.template,
        variables: definedOnly,
        marketUrl: null,
        deployed: async () => {
          screen.line(`topics created: ${topics.map(({ name }) => name).join(', ') || 'none'}`)
          return undefined
        },
        hints: (lambdaUrl) => [
          `${functions.map(({ name }) => name).join(', ')}: ready. Ctrl-C stops; data is kept for the next run (--fresh starts empty).`,
          hint('Kafka', places.bootstrapServers),
          hint('invoke', invokeCommand(lambdaUrl, functions[0]?.name ?? '')),
        ],
      }
    },
  }
}

/** @throws KeeperError `nothing_to_run` where the assembly has no function that runs here */
function tell({ template, missing, addedTopics, skipped }: AppTemplate, line: (text: string) => void): void {
  for (const text of skipped) line(text)
  if (template.functions.length === 0) {
    throw new KeeperError('nothing_to_run', 'The assembly has no Node.js function with code in it.')
  }
  if (addedTopics.length > 0) {
    line(
      `mappings name topics that the template does not create; they get one partition each: ${addedTopics.join(', ')}`,
    )
  }
  for (const { functionName, variable, refersTo } of missing) {
    line(
      `${functionName}: ${variable} is not set, it refers to ${refersTo}; --env ${variable}=VALUE gives it`,
    )
  }
}

const definedOnly = (variables: Readonly<Record<string, string | undefined>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
