import { useState } from 'preact/hooks'
import { lazy, useRoute } from 'preact-iso'
import type { ActionOutput } from '../../server/actions.ts'
import { useCall, useLive } from '../api.ts'
import { counted } from '../parts/counted.ts'
import { DataTable } from '../parts/data-table.tsx'
import { Loaded } from '../parts/states.tsx'
import { Tag } from '../parts/tag.tsx'
import { Time } from '../parts/time.tsx'

const MetricChart = lazy(() => import('../parts/metric-chart.tsx'))

type Widget = ActionOutput<'dashboards.show'>['widgets'][number]
type Graph = Extract<Widget, { kind: 'graph' }>

const RANGES = [
  [60, 'an hour'],
  [180, '3 hours'],
  [1_440, 'a day'],
  [10_080, 'a week'],
] as const

/** The template's own dashboards, with what CloudWatch has. */
export default function Dashboards() {
  const { params, query } = useRoute()
  const dashboards = useCall('dashboards.list', {})
  const minutes = RANGES.find(([length]) => String(length) === query.minutes)?.[0] ?? 180
  const [isTable, setTable] = useState(false)
  const name = params.name ?? 'overview'
  const address = (to: string, length: number) => `/dashboards/${to}?minutes=${length}`
  return (
    <>
      <h1>Dashboards</h1>
      <Loaded of={dashboards} empty="This Keeper has no dashboards: deploy this version of it.">
        {(names) => (
          <>
            <nav class="choices" aria-label="Dashboards">
              {names.map((each) => (
                <Choice key={each} href={address(each, minutes)} isChosen={each === name}>
                  {each}
                </Choice>
              ))}
            </nav>
            <div class="line">
              <nav class="choices" aria-label="How far back">
                {RANGES.map(([length, words]) => (
                  <Choice key={length} href={address(name, length)} isChosen={length === minutes}>
                    {words}
                  </Choice>
                ))}
              </nav>
              <label class="switch">
                <input type="checkbox" checked={isTable} onChange={() => setTable(!isTable)} /> as tables
              </label>
            </div>
            <Dashboard key={`${name} ${minutes}`} {...{ name, minutes, isTable }} />
          </>
        )}
      </Loaded>
    </>
  )
}

const Choice = ({
  href,
  isChosen,
  children,
}: {
  readonly href: string
  readonly isChosen: boolean
  readonly children: string
}) => (
  <a class="choice" href={href} aria-current={isChosen ? 'true' : undefined}>
    {children}
  </a>
)

function Dashboard({
  name,
  minutes,
  isTable,
}: {
  readonly name: string
  readonly minutes: number
  readonly isTable: boolean
}) {
  const shown = useLive('dashboards.show', { name, minutes }, 30_000)
  return (
    <Loaded of={shown}>
      {({ widgets }) => (
        <div class="widgets">
          {widgets.map((widget, index) => (
            <section
              key={`${index} ${widget.title}`}
              aria-label={widget.title || 'Text'}
              class={widget.isWide ? 'wide' : undefined}
            >
              {widget.title && <h2>{widget.title}</h2>}
              <Content widget={widget} isTable={isTable} />
            </section>
          ))}
        </div>
      )}
    </Loaded>
  )
}

function Content({ widget, isTable }: { readonly widget: Widget; readonly isTable: boolean }) {
  if (widget.kind === 'text') return <p class="soft">{widget.text}</p>
  if (widget.kind === 'alarms') return <States names={widget.alarms} />
  if (widget.problem !== undefined) return <div class="failed">{widget.problem}</div>
  if (widget.times.length === 0) {
    return <div class="empty">No value in this time: what runs seldom has its values further back.</div>
  }
  return isTable ? <Values graph={widget} /> : <MetricChart {...widget} />
}

const Values = ({ graph: { title, times, series } }: { readonly graph: Graph }) => (
  <DataTable
    label={title}
    rows={times.map((at, index) => ({ at, index })).toReversed()}
    keyOf={({ at }) => String(at)}
    columns={[
      { name: 'Time', width: 18, cell: ({ at }) => <Time at={at} /> },
      ...series.map(({ label, values }, place) => ({
        ...{ name: label || String(place), width: 10, align: 'right' as const },
        cell: ({ index }: { readonly index: number }) => values[index]?.toLocaleString() ?? '–',
      })),
    ]}
  />
)

/** Alarms that are on by name, the others by their number. */
function States({ names }: { readonly names: readonly string[] }) {
  const alarms = useLive('alarms.list', {}, 10_000)
  return (
    <Loaded of={alarms}>
      {(all) => {
        const its = all.filter(({ name }) => names.includes(name))
        return (
          <ul class="plain">
            {its
              .filter(({ state }) => state === 'ALARM')
              .map(({ name, since }) => (
                <li key={name}>
                  <Tag of="ALARM" /> <a href={`/alarms/${encodeURIComponent(name)}`}>{name}</a> since{' '}
                  <Time at={since} />
                </li>
              ))}
            {(['OK', 'INSUFFICIENT_DATA'] as const).map((state) => (
              <li key={state}>
                <Tag of={state} /> {counted(its.filter((alarm) => alarm.state === state).length, 'alarm')}
              </li>
            ))}
          </ul>
        )
      }}
    </Loaded>
  )
}
