import type { ComponentChildren } from 'preact'
import { useEffect } from 'preact/hooks'
import { useLocation } from 'preact-iso'
import { useCall } from './api.ts'
import { isUtc } from './parts/time.tsx'
import { isReadOnly } from './session.ts'

const PAGES = [
  [
    'Prices',
    [
      ['/', 'Overview'],
      ['/watches', 'Watches'],
      ['/alerts', 'Alerts'],
      ['/deals', 'Deals'],
    ],
  ],
  [
    'People',
    [
      ['/inbox', 'Inbox'],
      ['/notifications', 'Messages'],
      ['/reports', 'Reports'],
    ],
  ],
  [
    'Stream',
    [
      ['/topics', 'Topics'],
      ['/groups', 'Groups'],
      ['/rejected', 'Rejected'],
    ],
  ],
  [
    'Runs',
    [
      ['/schedules', 'Schedules'],
      ['/functions', 'Functions'],
      ['/alarms', 'Alarms'],
      ['/dashboards', 'Dashboards'],
    ],
  ],
] as const

/** What stands around every page: where one can go, whose Keeper this is, and how times are shown. */
export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation()
  const about = useCall('console.about', {})
  useEffect(() => {
    isReadOnly.value = about.value?.isReadOnly ?? false
  }, [about.value])
  const isHere = (address: string) => (address === '/' ? path === '/' : path.startsWith(address))
  return (
    <>
      <a class="skip" href="#page">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/">
          Keeper
        </a>
        <span class="soft">{about.value?.title}</span>
        {about.value?.isReadOnly && <span class="tag pending">read only</span>}
        <label class="switch">
          <input
            type="checkbox"
            checked={isUtc.value}
            onChange={({ currentTarget }) => {
              isUtc.value = currentTarget.checked
            }}
          />
          UTC
        </label>
      </header>
      <div class="columns">
        <nav aria-label="Pages">
          {PAGES.map(([group, pages]) => (
            <section key={group}>
              <h2>{group}</h2>
              {pages.map(([address, name]) => (
                <a key={address} href={address} aria-current={isHere(address) ? 'page' : undefined}>
                  {name}
                </a>
              ))}
            </section>
          ))}
        </nav>
        <main id="page" tabindex={-1}>
          {children}
        </main>
      </div>
    </>
  )
}
