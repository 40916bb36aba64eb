/** A state, in the colour of what it means. */
export const Tag = ({ of: state }: { readonly of: string }) => (
  <span class={`tag ${state.toLowerCase()}`}>{state.toLowerCase().replaceAll('_', ' ')}</span>
)
