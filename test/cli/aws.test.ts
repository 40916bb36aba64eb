import { once } from 'node:events'
import { GetScheduleCommand, type SchedulerClient } from '@aws-sdk/client-scheduler'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { awsClients } from '../../client/aws-clients.ts'
import { until } from '../local/until.ts'
import { completionOf } from './completion-of-a-keeper.ts'
import { type LocalKeeper, localKeeper } from './local-keeper.ts'

/** Commands that ask AWS's own APIs, and completion, against one `npm run local` without schedules. */

let local: LocalKeeper
let scheduler: SchedulerClient
const keeper: LocalKeeper['keeper'] = (...args) => local.keeper(...args)
const json: LocalKeeper['json'] = (...args) => local.json(...args)

beforeAll(async () => {
  local = await localKeeper()
  scheduler = await awsClients(local.awsUrl).scheduler()
}, 180_000)
afterAll(() => local?.close(), 60_000)

const scheduleOf = async (name: string) => {
  const {
    $metadata: _,
    LastModificationDate: __,
    ...schedule
  } = await scheduler.send(new GetScheduleCommand({ Name: `${name}-schedule` }))
  return schedule
}

describe('schedules', () => {
  test('are run as they would run, and show their last run', async () => {
    const { code, out } = await keeper('schedules', 'run', 'price-check', '--wait')
    expect({ code, out }).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^end {10}finished\nsent {9}\d+/),
    })

    const schedules = await json('schedules', 'list')
    expect(schedules.map(({ name }: { name: string }) => name)).toEqual([
      ...[
        'price-check',
        'price-check-resume',
        'history-import',
        'deal-collector',
        'daily-deal-report',
        'maintenance',
        'notifier',
      ],
    ])
    const { lastRun, ...schedule } = schedules[0]
    expect(schedule).toMatchObject({ expression: 'rate(6 hours)', state: 'ENABLED', function: 'price-check' })
    // The run was for the time at which it was asked for, as a schedule's run is for its own.
    expect(lastRun).toMatchObject({ isRunning: false, completedFor: expect.stringMatching(/^20\d\d-/) })
    expect((await keeper('schedules', 'list')).out).toMatch(
      /\ndaily-deal-report +cron\(0 8 \* \* \? \*\) Europe\/Berlin +ENABLED +20\S+T0[67]:00:00Z /,
    )
  }, 60_000)

  test('start nothing that Kafka invokes', async () => {
    expect(await keeper('schedules', 'run', 'price-consumer')).toMatchObject({
      ...{ code: 2, out: '' },
      said: expect.stringContaining('price-consumer is a consumer: to run it by hand would forge prices.'),
    })
    expect(await keeper('schedules', 'run', 'price-chek')).toMatchObject({
      ...{ code: 1, out: '', said: expect.stringContaining('did you mean price-check or ') },
    })
  }, 60_000)

  test('are paused and resumed, with everything else of them as it was', async () => {
    const before = await scheduleOf('deal-collector')
    expect(before.Target?.RetryPolicy).toEqual({ MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 3_600 })
    expect(await keeper('schedules', 'pause', 'deal-collector')).toMatchObject({
      ...{ code: 0, out: '', said: 'deal-collector is paused in the Keeper on this machine.\n' },
    })
    expect(await scheduleOf('deal-collector')).toEqual({ ...before, State: 'DISABLED' })
    expect((await keeper('schedules', 'pause', 'deal-collector')).said).toContain('was paused already')
    expect((await keeper('schedules', 'list')).out).toMatch(/\ndeal-collector +rate\(1 hour\) +PAUSED +- /)
    expect(await json('schedules', 'resume', 'deal-collector-schedule')).toEqual({
      ...{ name: 'deal-collector', changed: true, state: 'ENABLED' },
    })
    expect(await scheduleOf('deal-collector')).toEqual(before)
  }, 60_000)
})

describe('logs', () => {
  test('are read, filtered and followed until Ctrl-C', async () => {
    await keeper('schedules', 'run', 'deal-collector', '--wait')
    const { out } = await keeper('logs', 'deal-collector')
    expect(out).toMatch(/^\S+Z INFO {2}the run is over .*sent=\d+/m)
    expect(out).toMatch(/^\S+Z ----- report requestId=/m)

    const filter = '{ $.message = "the run is over" }'
    const lines = (await keeper('--json', 'logs', 'deal-collector', '--filter', filter)).out
      .trim()
      .split('\n')
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { level: 'INFO', message: 'the run is over', function: 'deal-collector' },
    ])
    expect(await keeper('logs', 'deal-collector', '--filter', 'nobody logs this')).toMatchObject({
      ...{ code: 0, out: '', said: expect.stringContaining('has logged nothing like that') },
    })

    const following = local.start('logs', 'deal-collector', '--follow', '--filter', filter)
    let shown = ''
    following.stdout?.on('data', (chunk) => {
      shown += chunk
    })
    await until(() => shown.includes('the run is over'), 30_000)
    await keeper('schedules', 'run', 'deal-collector')
    await until(() => shown.split('\n').length === 3, 30_000)
    following.kill('SIGINT')
    expect(await once(following, 'close')).toEqual([130, null])
  }, 90_000)

  test('of a function that is not there offer those that are', async () => {
    expect(await keeper('logs', 'price-consumr')).toMatchObject({
      ...{ code: 1, said: expect.stringContaining('did you mean price-consumer or ') },
    })
    expect((await keeper('logs', 'price-check', '--since', 'yesterday')).code).toBe(2)
  }, 60_000)
})

describe('failed runs', () => {
  /** Runs that fail for good: the table that they begin with is not there. */
  const failedRuns = async (...names: string[]) => {
    const { pool } = local.database
    const before = (await json('failed-runs', 'list')).length
    await pool.query('alter table producer_runs rename to hidden_runs')
    try {
      for (const name of names) await keeper('schedules', 'run', name)
      await until(async () => (await json('failed-runs', 'list')).length === before + names.length, 30_000)
    } finally {
      await pool.query('alter table hidden_runs rename to producer_runs')
    }
  }

  test('are shown as often as they are asked for, and run again with what they were started with', async () => {
    expect(await keeper('failed-runs', 'list')).toEqual({ code: 0, out: '', said: 'No failed run waits.\n' })
    await failedRuns('daily-deal-report')
    const [run] = await json('failed-runs', 'list')
    expect(run).toMatchObject({
      function: 'daily-deal-report',
      error: expect.stringContaining('relation "producer_runs" does not exist'),
    })
    const { scheduledTime } = JSON.parse(run.payload)
    const { out } = await keeper('failed-runs', 'list')
    expect(out).toMatch(new RegExp(`^ID.*\\n${run.id} +daily-deal-report +20\\S+ +\\S`))

    expect(await keeper('failed-runs', 'retry')).toMatchObject({ code: 2, out: '' })
    expect(await keeper('failed-runs', 'retry', 'ffff-no')).toMatchObject({ code: 1, out: '' })
    expect(await keeper('failed-runs', 'retry', run.id.slice(0, 8))).toMatchObject({
      ...{ code: 0, said: expect.stringContaining('1 failed run retried.') },
    })
    // Another test may have run it before.
    const completedFor = scheduledTime.replace(/\.\d+Z$/, 'Z')
    await until(async () => {
      const schedules: { name: string; lastRun?: { completedFor: string } }[] = await json(
        'schedules',
        'list',
      )
      return schedules.some(
        ({ name, lastRun }) => name === 'daily-deal-report' && lastRun?.completedFor === completedFor,
      )
    }, 30_000)
    expect(await json('failed-runs', 'list')).toEqual([])
  }, 90_000)

  test('are deleted for good only where somebody says yes', async () => {
    await failedRuns('daily-deal-report', 'deal-collector')
    expect(await keeper('failed-runs', 'purge')).toMatchObject({
      ...{
        code: 2,
        out: '',
        said: expect.stringContaining('Delete 2 failed runs of the Keeper on this machine?'),
      },
    })
    const { deleted } = await json('--yes', 'failed-runs', 'purge')
    expect(deleted).toHaveLength(2)
    expect(await json('failed-runs', 'list')).toEqual([])
  }, 90_000)
})

test('alarms say what to do about them, and one that is not there offers others', async () => {
  const { code, out, said } = await keeper('alarms')
  expect({ code, said }).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^\d+ alarms: \d+ in alarm, /),
  })
  // Nothing here measures it, whatever the other tests have set off.
  expect(out).toMatch(/^INSUFFICIENT_DATA +kafka-disk +20\S+Z +#kafka-disk +\S/m)
  expect(await json('alarms', '--all')).toContainEqual(
    expect.objectContaining({ name: 'kafka-cpu', runbook: expect.stringMatching(/#kafka-cpu$/) }),
  )
  expect(await keeper('alarms', '--history', 'price-check-silnt')).toMatchObject({
    ...{ code: 1, said: expect.stringContaining('did you mean price-check-silent or ') },
  })
  expect((await keeper('alarms', '--history', 'price-check-silent')).code).toBe(0)
}, 60_000)

test('a deployed stage is found by its stacks, and its parts by what these say', async () => {
  const ofStage = (...args: string[]) => local.ofStage(local.awsUrl, ...args)
  expect((await ofStage('schedules', 'list')).out).toMatch(/\nprice-check +rate\(6 hours\) +ENABLED /)
  expect(await ofStage('schedules', 'run', 'daily-deal-report', '--wait')).toMatchObject({
    ...{ code: 0, out: expect.stringMatching(/^end {10}finished\n/) },
  })
  expect((await ofStage('logs', 'daily-deal-report')).out).toContain(' INFO  the run is over ')
  expect(await ofStage('failed-runs', 'list')).toEqual({ code: 0, out: '', said: 'No failed run waits.\n' })
  // Alarms on AWS are named after their stack, and here after themselves.
  expect(await ofStage('alarms', '--all')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/^0 alarms/),
  })
  expect(await ofStage('--stage', 'none', 'alarms')).toMatchObject({
    ...{ code: 3, said: 'There is no stack keeper-none-operations in this account and region.\n' },
  })
}, 60_000)

completionOf(() => local)
