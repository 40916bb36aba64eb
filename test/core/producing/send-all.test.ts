import { expect, jest, test } from '@jest/globals'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { concludeRun } from '../../../lambdas/core/producing/conclude-run.ts'
import { addStep, EMPTY_REPORT, isToBeSentAgain } from '../../../lambdas/core/producing/run-report.ts'
import { sendAll } from '../../../lambdas/core/producing/send-all.ts'
import { asin, listener } from '../../producers/producing.ts'

const items = Array.from({ length: 5 }, (_, number) => ({ asin: asin(number), domain: 'de' }))
const away = new KeeperError('kafka_unreachable', 'no broker', { retriable: true })

test('tells where the events are, once for all of them', async () => {
  const { log, logged } = listener()
  let offset = 40
  const send = async () => ({ partition: offset % 2, offset: String(offset++) })
  expect(await sendAll(items, send, log)).toEqual({ sent: 5, notSent: [] })
  expect(logged).toMatchObject([
    {
      level: 'INFO',
      sent: 5,
      partitions: { 0: { first: '40', last: '44', events: 3 }, 1: { first: '41', last: '43', events: 2 } },
    },
  ])
})

test('lists each that failed with its reason, in one error line, and sends the others', async () => {
  const { log, logged } = listener()
  const send = async ({ asin: one }: { asin: string }) => {
    if (one === asin(1)) throw away
    if (one === asin(3)) throw new RangeError('no price')
    return { partition: 0, offset: '1' }
  }
  const report = await sendAll(items, send, log)
  expect(report).toEqual({
    sent: 3,
    notSent: [
      { asin: asin(1), domain: 'de', code: 'kafka_unreachable', retriable: true },
      { asin: asin(3), domain: 'de', code: 'not_sent', retriable: false },
    ],
  })
  expect(isToBeSentAgain(report)).toBe(true)
  expect(logged.filter(({ level }) => level === 'ERROR')).toMatchObject([{ reason: 'no broker' }])
})

test('without items nothing is logged', async () => {
  const { log, logged } = listener()
  await sendAll([], async () => ({ partition: 0, offset: '0' }), log)
  expect(logged).toEqual([])
})

test('a failed run names fifty products and counts the rest', () => {
  const notSent = Array.from({ length: 60 }, (_, number) => ({
    asin: asin(number),
    domain: 'de',
    code: 'kafka_unreachable',
    retriable: true,
  }))
  // The metrics' line, which handlers.test.ts reads.
  const write = jest.spyOn(process.stdout, 'write').mockReturnValue(true)
  const report = addStep(addStep(EMPTY_REPORT, { sent: 2 }), { notSent, tokensLeft: -3 })
  expect(report).toMatchObject({ sent: 2, tokensLeft: -3 })
  expect(() => concludeRun(report, 'price-check', listener().log)).toThrow(
    expect.objectContaining({
      code: 'run_incomplete',
      message: expect.stringMatching(
        /^2 events were sent, 60 were not, 0 products could not be checked: .*X000000049 \(de, kafka_unreachable\), and 10 more$/,
      ),
    }),
  )
  write.mockRestore()
})
