import { functionName } from '../cloud/lambda/function-resource.ts'
import { type Resource, resourceId } from '../cloud/template/assembly.ts'
import { type Places, References } from './references.ts'
import type { Assembly } from './stacks.ts'

/**
 * Gives each function a name of its own, by which it is invoked and logs. A name that several have, as in two stacks
 * of a kind, has its stack's name before it: on AWS they would be in two regions or accounts, or have generated names.
 */
export function withFunctionNames(assembly: Assembly, places: Places): Assembly {
  const references = new References(assembly, places)
  const functions = assembly.resources.filter(({ type }) => type === 'AWS::Lambda::Function')
  let named = functions.map((resource) => ({ resource, name: functionName(resolved(references, resource)) }))
  for (const prefixed of [(name: string, { stack }: Resource) => `${stack}-${name}`, uniqueName]) {
    const counts = Map.groupBy(named, ({ name }) => name)
    named = named.map(({ resource, name }) => {
      const isShared = (counts.get(name)?.length ?? 0) > 1
      return { resource, name: isShared ? prefixed(name, resource) : name }
    })
  }
  const names = new Map(named.map(({ resource, name }) => [resource, name]))
  return {
    ...assembly,
    resources: assembly.resources.map((resource) => {
      const name = names.get(resource)
      return name === undefined ? resource : withName(resource, name)
    }),
  }
}

const uniqueName = (_: string, { stack, logicalId }: Resource): string =>
  resourceId(stack, logicalId).replace('/', '-')

function resolved(references: References, resource: Resource): Resource {
  const { FunctionName: given } = resource.properties
  const name = given === undefined ? undefined : references.resolve(resource.stack, given)
  return name?.known ? withName(resource, name.text) : resource
}

const withName = (resource: Resource, name: string): Resource => ({
  ...resource,
  properties: { ...resource.properties, FunctionName: name },
})
