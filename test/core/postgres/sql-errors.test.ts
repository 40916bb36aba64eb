import { describe, expect, test } from '@jest/globals'
import { KeeperError } from '../../../lambdas/core/errors.ts'
import { failureCauseOf, isConflict, needsNewConnection } from '../../../lambdas/core/postgres/sql-errors.ts'

const sql = (code: string) => Object.assign(new Error('from Postgres'), { code })

describe('failureCauseOf', () => {
  test.each([
    '08006', // connection failure
    '25006', // read-only transaction, after a failover
    '28P01', // the password was rotated
    '3D000', // the database is not there
    '40001', // serialization failure
    '40P01', // deadlock
    '42P01', // a migration is missing
    '42501', // a grant is missing
    '53100', // disk full
    '53300', // too many connections
    '55P03', // lock not available
    '57014', // statement timeout
    '57P01', // administrator shutdown
    '58030', // input/output error
    'XX000', // internal error
    'ECONNREFUSED',
    'ECONNRESET',
    'ENOTFOUND',
    'ETIMEDOUT',
    'EPIPE',
    'SELF_SIGNED_CERT_IN_CHAIN',
    'ERR_TLS_CERT_ALTNAME_INVALID',
  ])('%s is the infrastructure’s: the batch comes again', (code) => {
    expect(failureCauseOf(sql(code))).toBe('infrastructure')
  })

  test.each(['22003', '22021', '22P02'])('%s is a record’s: it is quarantined', (code) => {
    expect(failureCauseOf(sql(code))).toBe('record')
  })

  test.each([
    'Connection terminated unexpectedly',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('"%s", which pg throws without a code, is the infrastructure’s', (message) => {
    expect(failureCauseOf(new Error(message))).toBe('infrastructure')
  })

  test('a bug of our own is a record’s, so that it blocks no partition', () => {
    expect(failureCauseOf(new TypeError('x is not a function'))).toBe('record')
    expect(
      failureCauseOf(Object.assign(new TypeError('bad argument'), { code: 'ERR_INVALID_ARG_TYPE' })),
    ).toBe('record')
  })

  test('an error of ours says itself whether trying again helps', () => {
    expect(failureCauseOf(new KeeperError('deadline_reached', 'no time', { retriable: true }))).toBe(
      'infrastructure',
    )
    expect(failureCauseOf(new KeeperError('bad', 'never'))).toBe('record')
  })
})

test.each(['08006', '25006', '28P01', '57P01', '57P03', 'ECONNRESET'])(
  '%s asks for a new connection',
  (code) => {
    expect(needsNewConnection(sql(code))).toBe(true)
  },
)

test.each(['40P01', '57014', '53300', '22003'])('%s does not ask for a new connection', (code) => {
  expect(needsNewConnection(sql(code))).toBe(false)
})

test('deadlocks and serialization failures are tried again at once', () => {
  expect([sql('40P01'), sql('40001'), sql('53300')].map(isConflict)).toEqual([true, true, false])
})
