import { describeGroup, listGroups } from './kafka/groups.ts'
import { readMessages } from './kafka/messages.ts'
import { resetGroup } from './kafka/reset-group.ts'
import { countRecords, createTopic, describeTopic, listTopics } from './kafka/topics.ts'
import { listAlerts, showAlert } from './postgres/alerts.ts'
import { messageOutcome, testChannel } from './postgres/channel-test.ts'
import {
  addChannel,
  enableChannel,
  listChannels,
  removeChannel,
  setChannelSecret,
} from './postgres/channels.ts'
import { listDeals } from './postgres/deals.ts'
import { addFilter, listFilters, removeFilter } from './postgres/filters.ts'
import { findAnything } from './postgres/find.ts'
import { listMails, showMail } from './postgres/mails.ts'
import { listNotifications, showNotification } from './postgres/notifications.ts'
import { confirmNotifier, showNotifier } from './postgres/notifier-home.ts'
import { chartPrices, sparkPrices } from './postgres/price-chart.ts'
import { listPrices, showPrices } from './postgres/prices.ts'
import { showProduct } from './postgres/product-page.ts'
import { recordsOfPrice, rowsOfRecord } from './postgres/record-rows.ts'
import { redrive, redriveCandidates } from './postgres/redrive.ts'
import { listRejected, showRejected } from './postgres/rejected.ts'
import { listReports, showReport } from './postgres/reports.ts'
import { listRuns } from './postgres/runs.ts'
import { snoozeWatch, unsnoozeWatch } from './postgres/snooze.ts'
import { muteUser, setUser, unmuteUser } from './postgres/telling.ts'
import { addUser, listUsers, removeUser, showUser } from './postgres/users.ts'
import { changeWatches } from './postgres/watch-bulk.ts'
import { importWatches } from './postgres/watch-import.ts'
import { searchWatches } from './postgres/watch-search.ts'
import {
  addWatch,
  listWatches,
  pauseWatch,
  removeWatch,
  resumeWatch,
  setTarget,
  showWatch,
} from './postgres/watches.ts'
import { reindexDeals } from './search/reindex.ts'
import { searchDeals } from './search/search-deals.ts'
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
  'users.set': setUser,
  'users.mute': muteUser,
  'users.unmute': unmuteUser,
  'channels.list': listChannels,
  'channels.add': addChannel,
  'channels.secret': setChannelSecret,
  'channels.enable': enableChannel,
  'channels.remove': removeChannel,
  'channels.test': testChannel,
  'channels.outcome': messageOutcome,
  'watches.list': listWatches,
  'watches.show': showWatch,
  'watches.add': addWatch,
  'watches.target': setTarget,
  'watches.pause': pauseWatch,
  'watches.resume': resumeWatch,
  'watches.snooze': snoozeWatch,
  'watches.unsnooze': unsnoozeWatch,
  'watches.remove': removeWatch,
  'watches.import': importWatches,
  'watches.search': searchWatches,
  'watches.change': changeWatches,
  'products.show': showProduct,
  'prices.show': showPrices,
  'prices.list': listPrices,
  'prices.chart': chartPrices,
  'prices.sparks': sparkPrices,
  'prices.records': recordsOfPrice,
  'records.rows': rowsOfRecord,
  'find.anything': findAnything,
  'alerts.list': listAlerts,
  'alerts.show': showAlert,
  'notifications.list': listNotifications,
  'notifications.show': showNotification,
  'mails.sent': listMails,
  'mails.sent-one': showMail,
  'deals.list': listDeals,
  'deals.search': searchDeals,
  'deals.reindex': reindexDeals,
  'filters.list': listFilters,
  'filters.add': addFilter,
  'filters.remove': removeFilter,
  'reports.list': listReports,
  'reports.show': showReport,
  'notifier.show': showNotifier,
  'notifier.confirm': confirmNotifier,
  'runs.list': listRuns,
  'rejected.list': listRejected,
  'rejected.show': showRejected,
  'rejected.candidates': redriveCandidates,
  'rejected.redrive': redrive,
} as const

export type Operations = typeof operations
