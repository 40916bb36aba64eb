import { KeeperError } from '../../lambdas/core/errors.ts'
import type { AppTemplate } from './app-template.ts'
import type { Notes } from './notes.ts'

/**
 * Says what of an app does not run here as it does on AWS.
 * @throws KeeperError `nothing_to_run` where the assembly has no function that runs here
 */
export function introduce(app: AppTemplate, notes: Notes): void {
  const { template, variables, addedTopics, skipped, refused, withoutValue } = app
  for (const text of skipped) notes.line(text)
  for (const text of refused) notes.line(text)
  if (withoutValue.length > 0) {
    notes.list('parameters without a value (--parameters NAME=VALUE gives one)', withoutValue)
  }
  if (template.functions.length === 0) {
    throw new KeeperError('nothing_to_run', 'The assembly has no Node.js function with code in it.')
  }
  if (addedTopics.length > 0) {
    notes.list('topics of mappings that no template creates, with one partition each', addedTopics)
  }
  for (const { functionName, variable, refersTo } of variables.missing) {
    notes.line(`${functionName}: ${variable} has no value here (--env gives one), it refers to ${refersTo}`)
  }
  for (const { functionName, variable, broker } of variables.callsOut) {
    notes.line(`${functionName}: ${variable} leads to a broker of AWS (--env replaces it): ${broker}`)
  }
}
