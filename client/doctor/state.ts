import type { DatabaseStatus } from '../../lambdas/operator/postgres/database-status.ts'
import { enableCommand, type Mapping } from '../mappings.ts'
import type { Status } from '../status.ts'
import { type Finding, notChecked, ok, on, problem } from './finding.ts'

/** Whether what was reached is as it should be. */

/** How far two clocks may be apart. AWS refuses signatures after 5 minutes, and people see wrong ages sooner. */
const MOST_APART_MS = 60_000

export const schema = ({ database }: Status): readonly Finding[] =>
  on('schema', database, ({ schema: { database: there, code } }) => {
    if (there === code) return [ok('schema', `It is at migration ${there}, as the code is.`)]
    return there < code
      ? [
          problem(
            'schema',
            `It is at migration ${there}, behind the code, which knows ${code}.`,
            'Run the migrator: on AWS deploy the data stack, on this machine start npm run local again.',
          ),
        ]
      : [
          problem(
            'schema',
            `It is at migration ${there}, ahead of the code, which knows ${code}.`,
            'Deploy the code that goes with it.',
          ),
        ]
  })

export const notifier = ({ database }: Status): readonly Finding[] =>
  on('notifier', database, ({ notifierWaitsSince: since }) =>
    since === null
      ? [ok('notifier', 'It tells people.')]
      : [
          problem(
            'notifier',
            `It has waited since ${since}, because this database was restored: people are told nothing.`,
            'Replay, look at what waits with keeper notifier show, then confirm: keeper notifier confirm (docs/recovery.md).',
          ),
        ],
  )

export function clock({ operator, database }: Status): readonly Finding[] {
  if ('error' in operator) return [notChecked('clock')]
  const { at, receivedAt, tookMs } = operator.value
  const own = Date.parse(receivedAt) - tookMs / 2 - Date.parse(at)
  const ofDatabase = (value: DatabaseStatus) => Date.parse(value.now) - Date.parse(at)
  const apart = [
    { name: 'This machine', ms: own },
    ...('value' in database ? [{ name: 'Postgres', ms: ofDatabase(database.value) }] : []),
  ].filter(({ ms }) => Math.abs(ms) > MOST_APART_MS)
  if (apart.length === 0) return [ok('clock', 'Clocks differ by less than a minute.')]
  return apart.map(({ name, ms }) =>
    problem(
      'clock',
      `${name} is ${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'ahead of' : 'behind'} the operator’s clock.`,
      'Have the clock set by NTP.',
    ),
  )
}

export const mappings = ({ mappings: read }: Status): readonly Finding[] =>
  on('mappings', read, (found) => {
    const problems = found.flatMap(mappingProblem)
    if (problems.length > 0) return problems
    return found.length === 0
      ? [problem('mappings', 'There is none: no consumer reads.', 'Deploy the pipeline stack.')]
      : [ok('mappings', `All ${found.length} are enabled, without an error.`)]
  })

function mappingProblem({ uuid, functionName, state, lastResult }: Mapping): readonly Finding[] {
  if (state !== 'Enabled') {
    const isWaiting = /ing$/.test(state)
    return [
      problem(
        'mappings',
        `The mapping of ${functionName} is ${state}.`,
        isWaiting ? 'Wait until it is done, then look again.' : `Enable it: ${enableCommand({ uuid })}`,
      ),
    ]
  }
  if (!lastResult.startsWith('PROBLEM')) return []
  return [
    problem(
      'mappings',
      `The mapping of ${functionName} says ${lastResult}`,
      'If it names the function, its log says more; if it names Kafka, look at kafka above.',
    ),
  ]
}

/**
 * Members of a consumer's group that are none of its mapping's: they take records that Keeper then never sees. A
 * disabled mapping has no members; the members of an enabled one are of one kind.
 */
export function groups({ consumers, mappings: read }: Status): readonly Finding[] {
  return on('groups', consumers, (found) => {
    const problems = found.flatMap(({ group, members }) => {
      const own = 'value' in read ? read.value.filter((mapping) => mapping.group === group) : []
      const isIdle = 'value' in read && own.every(({ state }) => state === 'Disabled')
      const kinds = new Set(members.map(({ clientId }) => clientId.replaceAll(/[0-9a-f-]{8,}|\d+/g, '')))
      if (members.length === 0 || (!isIdle && kinds.size < 2)) return []
      const named = members.map(({ clientId, host }) => `${clientId} at ${host.replace(/^\//, '')}`)
      const why = isIdle ? 'though no mapping reads with it' : 'of several kinds'
      return [
        problem(
          'groups',
          `${group} has members ${why}: ${named.join(', ')}.`,
          'Stop the program that is not Keeper’s, or give it a group of its own; then replay with keeper groups reset.',
        ),
      ]
    })
    return problems.length > 0 ? problems : [ok('groups', 'Nobody else reads with the consumers’ groups.')]
  })
}
