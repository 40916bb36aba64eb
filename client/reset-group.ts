import type { InputOf, Keeper, OutputOf } from './keeper.ts'
import { type Mapping, mappingsOf, setEnabled } from './mappings.ts'

export type GroupReset = Omit<InputOf<'groups.reset'>, 'dryRun'>

/** What a reset would do, partition by partition. */
export async function previewReset(
  keeper: Keeper,
  wanted: GroupReset,
): Promise<OutputOf<'groups.reset'>['changes']> {
  const { changes } = await keeper.call('groups.reset', { ...wanted, dryRun: true })
  return changes
}

/**
 * Moves a group's offsets. Its mappings are disabled, as a member would commit over the new offsets, and enabled again
 * whatever happens in between.
 * @param onDisabling told of each mapping before it is disabled: whoever dies in between leaves it so
 */
export async function resetGroup(
  keeper: Keeper,
  wanted: GroupReset,
  onDisabling: (mapping: Mapping) => void = () => undefined,
): Promise<{ readonly changes: OutputOf<'groups.reset'>['changes']; readonly mappings: readonly Mapping[] }> {
  const mappings = await mappingsOf(keeper, wanted.group)
  for (const mapping of mappings) onDisabling(mapping)
  // Only what this reset has disabled: another one may be at work on the same mapping.
  const disabled: Mapping[] = []
  try {
    for (const mapping of mappings) {
      await setEnabled(keeper, mapping, false)
      disabled.push(mapping)
    }
    const { changes } = await keeper.call('groups.reset', { ...wanted, dryRun: false })
    return { changes, mappings }
  } finally {
    for (const mapping of disabled) await setEnabled(keeper, mapping, true)
  }
}
