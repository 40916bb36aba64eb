import { ClientError } from '../../client/client-error.ts'
import type { NamedProduct } from '../../client/history-import.ts'
import type { StreamedLine } from '../../client/invocation-lines.ts'
import { CHANGES, type InputOf, type Keeper, type OperationName, type OutputOf } from '../../client/keeper.ts'
import type { GroupReset } from '../../client/reset-group.ts'

/**
 * What the pages can ask for: every operation of the operator by its own name, and the functions of `client/` that call
 * AWS's own APIs. There is no second way to Kafka, Postgres or AWS.
 */
interface ClientAction<Input, Output> {
  readonly access: 'read' | 'change'
  run(keeper: Keeper, input: Input, session: Session): Promise<Output>
}

/** What of the console an action may need. */
export interface Session {
  readonly isReadOnly: boolean
  /** Gives a page of others an address for a sandboxed frame. */
  frame(html: string): Promise<string>
}

interface ImportInput extends NamedProduct {
  readonly productId: string
}

const clientAction = <Input, Output>(
  access: 'read' | 'change',
  run: (keeper: Keeper, input: Input, session: Session) => Promise<Output>,
): ClientAction<Input, Output> => ({ access, run })

/** Lines of a log that one answer holds. */
const MOST_LINES = 2_000

/** Mails that the inbox holds. */
const MOST_MAILS = 200

/** Actions beside the operator's. Each module is loaded when it is first used. */
export const CLIENT_ACTIONS = {
  'console.about': clientAction('read', async (keeper, _: object, { isReadOnly }) => ({
    ...{ title: keeper.title, isReadOnly },
    isLocal: keeper.stage === undefined,
  })),
  'status.read': clientAction('read', async (keeper, _: object) => {
    const { readStatus } = await import('../../client/status.ts')
    return readStatus(keeper)
  }),
  'mappings.list': clientAction('read', async (keeper, _: object) => {
    const { mappingsOfFunction } = await import('../../client/mappings.ts')
    return mappingsOfFunction(keeper)
  }),
  'groups.preview': clientAction('read', async (keeper, input: GroupReset) => {
    const { previewReset } = await import('../../client/reset-group.ts')
    return previewReset(keeper, input)
  }),
  /** With the group's mappings disabled meanwhile. */
  'groups.replay': clientAction('change', async (keeper, input: GroupReset) => {
    const { resetGroup } = await import('../../client/reset-group.ts')
    return resetGroup(keeper, input)
  }),
  /** The past of a product that somebody has just watched; without it a schedule brings it within minutes. */
  'history.import': clientAction('change', async (keeper, { productId, ...product }: ImportInput) => {
    const { importHistory, untilStored } = await import('../../client/history-import.ts')
    const report = await importHistory(keeper, productId)
    if ('imported' in report && report.imported > 0) await untilStored(keeper, product, report.sent)
    return report
  }),
  'schedules.list': clientAction('read', async (keeper, _: object) => {
    const { listSchedules } = await import('../../client/schedules.ts')
    return listSchedules(keeper)
  }),
  'schedules.run': clientAction('change', async (keeper, { name }: { readonly name: string }) => {
    const { runSchedule } = await import('../../client/schedules.ts')
    return runSchedule(keeper, name, { wait: false })
  }),
  'schedules.set': clientAction(
    'change',
    async (keeper, { name, state }: { readonly name: string; readonly state: 'ENABLED' | 'DISABLED' }) => {
      const { setScheduleState } = await import('../../client/schedules.ts')
      return setScheduleState(keeper, name, state)
    },
  ),
  'mails.list': clientAction('read', async (keeper, _: object) => {
    const { listMails } = await import('../../client/mails.ts')
    return listMails(keeper, MOST_MAILS)
  }),
  /** A mail; `page` is the address of its HTML, which is shown in a sandboxed frame alone. */
  'mails.show': clientAction('read', async (keeper, { id }: { readonly id: string }, { frame }) => {
    const { showMail } = await import('../../client/mails.ts')
    const { html, ...mail } = await showMail(keeper, id)
    return { ...mail, page: html === null ? null : await frame(html) }
  }),
  'notifications.again': clientAction('change', async (keeper, { id }: { readonly id: string }) => {
    const { sendAgain } = await import('../../client/notifier.ts')
    return sendAgain(keeper, id)
  }),
  'functions.list': clientAction('read', async (keeper, _: object) => {
    const { partsOf } = await import('../../client/parts.ts')
    return [...(await partsOf(keeper)).functions.keys()]
  }),
  'functions.template': clientAction('read', async (keeper, { name }: { readonly name: string }) => {
    const { templateEvent } = await import('../../client/local-invoke.ts')
    return templateEvent(keeper, name)
  }),
  'functions.invoke': clientAction(
    'change',
    async (keeper, { name, event }: { readonly name: string; readonly event: string }) => {
      const { invokeLocally } = await import('../../client/local-invoke.ts')
      return invokeLocally(keeper, name, event)
    },
  ),
  /** The last lines of a log. */
  'logs.read': clientAction('read', async (keeper, { name, filter, minutes }: LogInput) => {
    const { readLog } = await import('../../client/logs.ts')
    const since = new Date(Date.now() - minutes * 60_000)
    const lines: StreamedLine[] = []
    for await (const { at, line, stream } of readLog(keeper, name, {
      ...(filter && { filter }),
      since,
      follow: false,
    })) {
      lines.push({ at: at.toISOString(), line, stream })
      if (lines.length > MOST_LINES) lines.shift()
    }
    return lines
  }),
  'alarms.list': clientAction('read', async (keeper, _: object) => {
    const { listAlarms } = await import('../../client/alarms.ts')
    return listAlarms(keeper)
  }),
  'alarms.history': clientAction('read', async (keeper, { name }: { readonly name: string }) => {
    const { alarmHistory } = await import('../../client/alarms.ts')
    return alarmHistory(keeper, name)
  }),
  'dashboards.list': clientAction('read', async (keeper, _: object) => {
    const { listDashboards } = await import('../../client/dashboards.ts')
    return listDashboards(keeper)
  }),
  'dashboards.show': clientAction('read', async (keeper, { name, minutes }: DashboardInput) => {
    const { readDashboard } = await import('../../client/dashboards.ts')
    return readDashboard(keeper, name, minutes)
  }),
  'failed-runs.list': clientAction('read', async (keeper, _: object) => {
    const { listFailedRuns } = await import('../../client/failed-runs.ts')
    return listFailedRuns(keeper)
  }),
} as const

interface LogInput {
  readonly name: string
  readonly minutes: number
  /** In CloudWatch's own syntax. */
  readonly filter?: string
}

interface DashboardInput {
  readonly name: string
  readonly minutes: number
}

type ClientActions = typeof CLIENT_ACTIONS

export type ActionName = OperationName | keyof ClientActions

export type ActionInput<Name extends ActionName> = Name extends keyof ClientActions
  ? Parameters<ClientActions[Name]['run']>[1]
  : Name extends OperationName
    ? InputOf<Name>
    : never

export type ActionOutput<Name extends ActionName> = Name extends keyof ClientActions
  ? Awaited<ReturnType<ClientActions[Name]['run']>>
  : Name extends OperationName
    ? OutputOf<Name>
    : never

const isClientAction = (name: string): name is keyof ClientActions => Object.hasOwn(CLIENT_ACTIONS, name)

/** Whether an action changes anything. */
export const isChange = (name: string): boolean =>
  isClientAction(name) ? CLIENT_ACTIONS[name].access === 'change' : CHANGES.has(name as OperationName)

/**
 * Runs an action.
 * @throws ClientError with a sentence for people
 */
export async function runAction(
  keeper: Keeper,
  { action, input }: { readonly action: string; readonly input: unknown },
  session: Session,
): Promise<unknown> {
  if (session.isReadOnly && isChange(action)) {
    throw new ClientError(
      'read_only',
      'This console only reads: start it without --read-only to change things.',
    )
  }
  if (isClientAction(action)) {
    const { run } = CLIENT_ACTIONS[action] as ClientAction<unknown, unknown>
    return run(keeper, input, session)
  }
  return keeper.call(action as OperationName, input as never)
}
