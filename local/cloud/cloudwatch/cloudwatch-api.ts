import type { CloudWatch } from './cloudwatch.ts'
import { dashboardData } from './dashboard-data.ts'
import type { MetricId } from './metric-store.ts'

/** What is answered: a status of HTTP, and a body to be written as JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
}

const STATES = ['OK', 'ALARM', 'INSUFFICIENT_DATA']

/**
 * Answers what is asked of CloudWatch, which is read only: `/cloudwatch/alarms`, `/cloudwatch/dashboards` and
 * `/cloudwatch/dashboards/<name>`. The paths are of this machine; AWS has another protocol.
 */
export async function answerCloudWatch(cloudWatch: CloudWatch, url: URL): Promise<Answer> {
  const [, , subject, name, ...more] = url.pathname.replace(/\/$/, '').split('/')
  const { searchParams: asked } = url
  if (subject === 'alarms' && name === undefined) return alarms(cloudWatch, asked)
  if (subject === 'dashboards' && name === undefined) return dashboards(cloudWatch, asked)
  if (subject === 'dashboards' && name !== undefined && more.length === 0) {
    return dashboard(cloudWatch, name, asked)
  }
  return refused(
    404,
    `There is no ${url.pathname} here; there are /cloudwatch/alarms, /cloudwatch/dashboards and /cloudwatch/dashboards/NAME.`,
  )
}

function alarms(cloudWatch: CloudWatch, asked: URLSearchParams): Answer {
  const state = asked.get('state')
  const stranger = strangerAmong(asked, ['state'])
  if (stranger) return stranger
  if (state !== null && !STATES.includes(state)) {
    return refused(400, `state is "${state}"; it takes ${STATES.join(', ')}.`)
  }
  const { rules } = cloudWatch
  return {
    status: 200,
    body: {
      alarms: cloudWatch.alarms
        .filter((alarm) => state === null || alarm.state === state)
        .map(({ sinceMs, ...alarm }) => ({
          ...alarm,
          since: new Date(sinceMs).toISOString(),
          rule: rules.get(alarm.name),
        })),
      notEvaluated: cloudWatch.notEvaluated,
    },
  }
}

function dashboards(cloudWatch: CloudWatch, asked: URLSearchParams): Answer {
  const found = cloudWatch.dashboards.map(({ name, widgets, problem }) => ({
    name,
    widgets: widgets.length,
    problem,
  }))
  return strangerAmong(asked, []) ?? { status: 200, body: { dashboards: found } }
}

async function dashboard(cloudWatch: CloudWatch, path: string, asked: URLSearchParams): Promise<Answer> {
  const name = decoded(path)
  const found = cloudWatch.dashboards.find((each) => each.name === name)
  if (!found) {
    const known = cloudWatch.dashboards.map((each) => each.name).join(', ') || 'none'
    return refused(404, `There is no dashboard ${name ?? path}; there are: ${known}.`)
  }
  const stranger = strangerAmong(asked, ['from', 'to', 'period'])
  if (stranger) return stranger
  const { nowMs } = cloudWatch
  const from = asked.get('from') ?? found.start
  const to = asked.get('to') ?? String(nowMs)
  const period = asked.get('period')
  const [fromMs, toMs] = [timeMs(from, nowMs), timeMs(to, nowMs)]
  if (fromMs === undefined) return refused(400, `from is "${from}"; ${TIMES}`)
  if (toMs === undefined) return refused(400, `to is "${to}"; ${TIMES}`)
  if (fromMs >= toMs) return refused(400, `from (${from}) is not before to (${to}).`)
  if (period !== null && !/^[1-9]\d{0,5}$/.test(period)) {
    return refused(400, `period is "${period}"; it takes seconds, such as 60.`)
  }
  await cloudWatch.readLogs()
  const shown = {
    store: cloudWatch.store,
    isPublished: (metric: MetricId) => cloudWatch.isPublished(metric),
    alarms: cloudWatch.alarms,
    periodSeconds: period === null ? undefined : Number(period),
  }
  return { status: 200, body: dashboardData(found, { ...shown, fromMs, toMs }) }
}

const TIMES =
  'it takes a time (2026-11-24T16:00:00Z), milliseconds since 1970, or how long ago (-PT3H, -P1D).'

/** Undefined for what is no time. */
function timeMs(text: string, nowMs: number): number | undefined {
  const ago = /^-P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(text)
  const [weeks, days, hours, minutes] = (ago ?? []).slice(1).map((part) => Number(part ?? 0))
  const backMs = (((weeks ?? 0) * 7 + (days ?? 0)) * 1_440 + (hours ?? 0) * 60 + (minutes ?? 0)) * 60_000
  if (ago) return inRange(nowMs - backMs)
  if (/^\d+$/.test(text)) return inRange(Number(text))
  return /^\d{4}-\d\d-\d\d(T|$)/.test(text) ? inRange(Date.parse(text)) : undefined
}

/** What a date can be made of. */
const inRange = (ms: number): number | undefined => (Math.abs(ms) <= 8.64e15 ? ms : undefined)

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function strangerAmong(asked: URLSearchParams, known: readonly string[]): Answer | undefined {
  const stranger = [...asked.keys()].find((name) => !known.includes(name))
  const takes = known.length > 0 ? `it takes ${known.join(', ')}` : 'it takes none'
  return stranger === undefined ? undefined : refused(400, `${stranger} is no parameter here; ${takes}.`)
}

const refused = (status: number, message: string): Answer => ({ status, body: { message } })
