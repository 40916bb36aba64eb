import { Command } from 'commander'
import { addAlarms } from './families/alarms.ts'
import { addAlerts } from './families/alerts.ts'
import { addChannels } from './families/channels.ts'
import { addCompletion } from './families/completion.ts'
import { addConsole } from './families/console.ts'
import { addDeals } from './families/deals.ts'
import { addDoctor } from './families/doctor.ts'
import { addFailedRuns } from './families/failed-runs.ts'
import { addFilters } from './families/filters.ts'
import { addGroups } from './families/groups.ts'
import { addLogs } from './families/logs.ts'
import { addMail } from './families/mail.ts'
import { addMessages } from './families/messages.ts'
import { addNotifier } from './families/notifier.ts'
import { addPrices } from './families/prices.ts'
import { addRejected } from './families/rejected.ts'
import { addReports } from './families/reports.ts'
import { addSchedules } from './families/schedules.ts'
import { addSearch } from './families/search.ts'
import { addStatus } from './families/status.ts'
import { addTopics } from './families/topics.ts'
import { addUsers } from './families/users.ts'
import { addWatches } from './families/watches.ts'

const FAMILIES = [
  ...[addStatus, addDoctor],
  ...[addTopics, addMessages, addGroups],
  ...[addWatches, addPrices, addAlerts, addUsers, addChannels, addMail],
  ...[addDeals, addSearch, addFilters, addReports, addRejected],
  ...[addNotifier, addSchedules, addFailedRuns, addLogs, addAlarms],
  ...[addConsole, addCompletion],
]

/** The tree of commands. Nothing of a Keeper is loaded before a command runs. */
export function buildProgram(): Command {
  const program = new Command('keeper')
    .description('One command for each everyday operation of Keeper, on this machine or on AWS.')
    .option('--stage <name>', 'a stage deployed on AWS; without it, the Keeper on this machine')
    .option('--state <folder>', "a local run's state folder, as npm run local -- --state names it")
    .option('--json', 'one JSON document instead of tables; JSON lines where output does not end')
    .option('--yes', 'do not ask before something is changed')
    .showHelpAfterError('(--help says more)')
    .exitOverride()
  for (const add of FAMILIES) add(program)
  return program
}
