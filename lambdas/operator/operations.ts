import { describeGroup, listGroups } from './kafka/groups.ts'
import { readMessages } from './kafka/messages.ts'
import { resetGroup } from './kafka/reset-group.ts'
import { countRecords, createTopic, describeTopic, listTopics } from './kafka/topics.ts'
import { listAlerts, showAlert } from './postgres/alerts.ts'
import { listDeals } from './postgres/deals.ts'
import { addFilter, listFilters, removeFilter } from './postgres/filters.ts'
import { listPrices, showPrices } from './postgres/prices.ts'
import { redrive, redriveCandidates } from './postgres/redrive.ts'
import { listRejected, showRejected } from './postgres/rejected.ts'
import { showReport } from './postgres/reports.ts'
import { listRuns } from './postgres/runs.ts'
import { addUser, listUsers, removeUser, showUser } from './postgres/users.ts'
import { importWatches } from './postgres/watch-import.ts'
import {
  addWatch,
  listWatches,
  pauseWatch,
  removeWatch,
  resumeWatch,
  setTarget,
  showWatch,
} from './postgres/watches.ts'
import { showStatus } from './status.ts'

/** Every operation, by name. Clients import the type alone. */
export const operations = {
  'status.show': showStatus,
  'topics.list': listTopics,
  'topics.describe': describeTopic,
  'topics.create': createTopic,
  'topics.count': countRecords,
  'messages.read': readMessages,
  'groups.list': listGroups,
  'groups.describe': describeGroup,
  'groups.reset': resetGroup,
  'users.list': listUsers,
  'users.show': showUser,
  'users.add': addUser,
  'users.remove': removeUser,
  'watches.list': listWatches,
  'watches.show': showWatch,
  'watches.add': addWatch,
  'watches.target': setTarget,
  'watches.pause': pauseWatch,
  'watches.resume': resumeWatch,
  'watches.remove': removeWatch,
  'watches.import': importWatches,
  'prices.show': showPrices,
  'prices.list': listPrices,
  'alerts.list': listAlerts,
  'alerts.show': showAlert,
  'deals.list': listDeals,
  'filters.list': listFilters,
  'filters.add': addFilter,
  'filters.remove': removeFilter,
  'reports.show': showReport,
  'runs.list': listRuns,
  'rejected.list': listRejected,
  'rejected.show': showRejected,
  'rejected.candidates': redriveCandidates,
  'rejected.redrive': redrive,
} as const

export type Operations = typeof operations
