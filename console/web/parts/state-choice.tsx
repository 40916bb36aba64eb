const STATES = ['PENDING', 'SENT', 'FAILED', 'SUPERSEDED'] as const

/** The state that a page's address asks for. */
export const stateOf = ({ status }: Readonly<Record<string, string>>): string | undefined =>
  STATES.find((each) => each === status)

/** States to choose from, each an address. */
export const StateChoice = ({
  path,
  chosen,
}: {
  readonly path: string
  readonly chosen: string | undefined
}) => (
  <p class="choices">
    {[undefined, ...STATES].map((each) => (
      <a
        key={each ?? 'all'}
        class="choice"
        href={each ? `${path}?status=${each}` : path}
        aria-current={chosen === each ? 'true' : undefined}
      >
        {each?.toLowerCase() ?? 'all'}
      </a>
    ))}
  </p>
)
