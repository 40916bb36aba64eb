/** Where one can go from everywhere, in groups. */
export const PAGES = [
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
