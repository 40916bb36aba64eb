import { describe, expect, test } from '@jest/globals'
import { freePort } from '../../../local/engines/ports.ts'
import { waitForKafka, waitForPostgres, withoutPassword } from '../../../local/engines/readiness.ts'
import { askForPostgres } from '../../helpers/engines.ts'

describe('waitForKafka', () => {
  test('gives up after its time and names the address', async () => {
    const address = `localhost:${await freePort()}`
    await expect(waitForKafka(address, { timeoutMs: 300 })).rejects.toMatchObject({
      code: 'kafka_unreachable',
      message: expect.stringContaining(`Kafka cannot be reached at ${address}: `),
    })
  })

  test('gives up at once where whoever waits knows that it is over', async () => {
    const signal = AbortSignal.abort()
    await expect(
      waitForKafka(`localhost:${await freePort()}`, { timeoutMs: 3_600_000, signal }),
    ).rejects.toMatchObject({ code: 'kafka_unreachable' })
  })
})

describe('waitForPostgres', () => {
  test('names the address and not the password where nothing answers', async () => {
    const url = `postgresql://keeper:secret@127.0.0.1:${await freePort()}/keeper`
    const waiting = waitForPostgres(url, { timeoutMs: 200 })
    await expect(waiting).rejects.toMatchObject({ code: 'postgres_unreachable' })
    await expect(waiting).rejects.toThrow(/keeper:\*\*\*@127\.0\.0\.1.*ECONNREFUSED/)
  })

  test('says what Postgres answers where it refuses', async () => {
    const { databaseUrl } = await askForPostgres()
    const wrong = databaseUrl.replace(':keeper@', ':wrong@')
    await expect(waitForPostgres(wrong, { timeoutMs: 0 })).rejects.toThrow(/password authentication failed/)
  })
})

describe('withoutPassword', () => {
  test('hides a password in the query too', () => {
    expect(withoutPassword('postgresql://host/keeper?user=a&password=secret')).toBe(
      'postgresql://host/keeper?user=a&password=***',
    )
  })

  test('shows nothing of what is no URL', () => {
    expect(withoutPassword('host=x password=secret')).not.toContain('secret')
  })
})
