import { ClientError } from '../client-error.ts'
import { callerArn, findKeeper, type Where } from '../find.ts'
import type { Keeper } from '../keeper.ts'
import { mailState } from '../mail-state.ts'
import { part, readStatus } from '../status.ts'
import type { Finding } from './finding.ts'
import { mail } from './mail.ts'
import { notFound, reach } from './reach.ts'
import { pausedSchedules, schedules } from './schedules.ts'
import { clock, groups, mappings, notifier, schema } from './state.ts'

/** Examines a Keeper from the outside in: whether it is found, may be asked, is reached, and is as it should be. */
export async function examine(where: Where): Promise<readonly Finding[]> {
  let keeper: Keeper
  try {
    keeper = await findKeeper(where)
  } catch (error) {
    if (!(error instanceof ClientError)) throw error
    return notFound(error, where.stage)
  }
  const [status, who, paused, mails] = await Promise.all([
    readStatus(keeper),
    part(callerArn(keeper.aws)),
    part(pausedSchedules(keeper)),
    part(mailState(keeper)),
  ])
  return [
    ...reach(status, who),
    ...schema(status),
    ...notifier(status),
    ...clock(status),
    ...mappings(status),
    ...groups(status),
    ...schedules(paused),
    ...mail(mails),
  ]
}
