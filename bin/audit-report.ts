/** A weakness that is known and accepted for a while: an entry of bin/audit-exceptions.json. */
export interface AuditException {
  /** `GHSA-...` of https://github.com/advisories. */
  readonly advisory: string
  /** Why it does not concern Keeper, or what it waits for. */
  readonly why: string
  /** The day, `2027-01-31`, on which somebody looks again; from then on it is no exception. */
  readonly until: string
}

interface Advisory {
  readonly title: string
  readonly url: string
  readonly severity: string
}

/** What `npm audit --json` gives: https://docs.npmjs.com/cli/v11/commands/npm-audit */
interface Report {
  readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly (string | Advisory)[] }>>
  readonly message?: string
}

/** Others are named and fail nothing. */
const SERIOUS: readonly string[] = ['high', 'critical']

/** What a report comes to: a line for each advisory, and whether one of them must be seen to. */
export function judge(
  report: string,
  exceptions: readonly AuditException[],
  now: Date,
): { readonly fails: boolean; readonly lines: readonly string[] } {
  const { vulnerabilities, message } = parsed(report)
  if (!vulnerabilities) {
    const why = message === undefined ? 'it does not answer' : message.split('\n')[0]
    return { fails: false, lines: [`npm audit: nothing was checked, because of the registry: ${why}.`] }
  }
  const advisories = new Map(
    Object.entries(vulnerabilities).flatMap(([name, { via }]) =>
      via.flatMap((each) => (typeof each === 'string' ? [] : [[each.url, { ...each, name }] as const])),
    ),
  )
  const today = now.toISOString().slice(0, 10)
  const judged = [...advisories.values()].map(({ name, title, url, severity }) => {
    const exception = exceptions.find(({ advisory, until }) => url.endsWith(`/${advisory}`) && today < until)
    const fails = SERIOUS.includes(severity) && !exception
    const why = exception ? `; accepted until ${exception.until}: ${exception.why}` : ''
    return { fails, line: `npm audit: ${severity}, ${name}: ${title} (${url})${why}` }
  })
  if (judged.length === 0)
    return { fails: false, lines: ['npm audit: no known weakness in what is shipped.'] }
  return { fails: judged.some(({ fails }) => fails), lines: judged.map(({ line }) => line) }
}

function parsed(report: string): Report {
  try {
    return JSON.parse(report) as Report
  } catch {
    return {}
  }
}
