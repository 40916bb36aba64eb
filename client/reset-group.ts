import { ClientError } from './client-error.ts'
import type { InputOf, Keeper, OutputOf } from './keeper.ts'
import {
  enableCommand,
  type Mapping,
  mappingsOf,
  setEnabled,
  switchMapping,
  untilSwitched,
  wasRefused,
} from './mappings.ts'

export type GroupReset = Omit<InputOf<'groups.reset'>, 'dryRun'>

type Changes = OutputOf<'groups.reset'>['changes']

/** What a reset has done. */
export interface ResetDone {
  readonly changes: Changes
  /** Those that read on. */
  readonly mappings: readonly Mapping[]
  /** Those that were disabled before, on purpose or by a reset that died, and still are. */
  readonly leftDisabled: readonly Mapping[]
}

/** What a reset would do, partition by partition. */
export async function previewReset(keeper: Keeper, wanted: GroupReset): Promise<Changes> {
  const { changes } = await keeper.call('groups.reset', { ...wanted, dryRun: true })
  return changes
}

/**
 * Moves a group's offsets. Its mappings are disabled, as a member would commit over the new offsets, and enabled again
 * whatever happens in between. One that was disabled before is left so.
 * @param onDisabling told of each mapping before it is disabled: whoever dies in between leaves it so
 * @throws ClientError that also names each mapping that may be left disabled, with the command that enables it
 */
export async function resetGroup(
  keeper: Keeper,
  wanted: GroupReset,
  onDisabling: (mapping: Mapping) => void = () => undefined,
): Promise<ResetDone> {
  const all = await mappingsOf(keeper, wanted.group)
  const leftDisabled = all.filter(({ state }) => /^Disabl/.test(state))
  const mappings = all.filter((mapping) => !leftDisabled.includes(mapping))
  for (const mapping of mappings) onDisabling(mapping)
  // Only what this reset has disabled: another one may be at work on the same mapping.
  const disabled: Mapping[] = []
  let changes: Changes
  try {
    for (const mapping of mappings) await disable(keeper, mapping, disabled)
    changes = (await keeper.call('groups.reset', { ...wanted, dryRun: false })).changes
  } catch (error) {
    const failures = await enableAll(keeper, disabled)
    if (failures.length === 0) throw error
    const code = error instanceof ClientError ? error.code : 'reset_failed'
    throw new ClientError(code, [(error as Error).message, ...failures].join('\n'), error)
  }
  const failures = await enableAll(keeper, disabled)
  if (failures.length === 0) return { changes, mappings, leftDisabled }
  throw new ClientError('mapping_not_enabled', [`${wanted.group} is reset.`, ...failures].join('\n'))
}

/** Disables a mapping, which is noted before that is certain: not where AWS refuses it, or somebody else changes it too. */
async function disable(keeper: Keeper, mapping: Mapping, disabled: Mapping[]): Promise<void> {
  disabled.push(mapping)
  const forget = (isNotOurs: (error: ClientError) => boolean) => (error: ClientError) => {
    if (isNotOurs(error)) disabled.pop()
    throw error
  }
  await switchMapping(keeper, mapping, false).catch(forget(wasRefused))
  await untilSwitched(keeper, mapping, false).catch(forget(({ code }) => code === 'mapping_contended'))
}

/** Enables each, whatever happens to the others. @returns what to do about those that may still be disabled */
async function enableAll(keeper: Keeper, mappings: readonly Mapping[]): Promise<string[]> {
  const failures: string[] = []
  for (const mapping of mappings) {
    await setEnabled(keeper, mapping, true).catch((error: Error) => {
      failures.push(
        `The mapping ${mapping.uuid} may still be disabled: ${error.message}\nIf keeper doctor finds it so, enable it: ${enableCommand(mapping)}`,
      )
    })
  }
  return failures
}
