import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { readDatabasePassword, readSecret } from '../../lambdas/core/secrets.ts'
import { type TestSecrets, testSecrets } from '../helpers/secrets-manager.ts'

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:keeper-AbCdEf'

let secrets: TestSecrets
let before: NodeJS.ProcessEnv
beforeEach(async () => {
  before = { ...process.env }
  secrets = await testSecrets(ARN)
  Object.assign(process.env, secrets.environment)
})
afterEach(() => {
  process.env = before
  return secrets.close()
})

test('reads the text of a secret, anew at each call, so that a rotated one is seen', async () => {
  secrets.holds('first')
  expect(await readSecret(ARN)).toBe('first')
  secrets.holds('second')
  expect(await readSecret(ARN)).toBe('second')
  expect(secrets.asked).toEqual(
    [1, 2].map(() => ({ target: 'secretsmanager.GetSecretValue', body: { SecretId: ARN } })),
  )
})

test('a secret that may not be read is named, with AWS’s reason', async () => {
  secrets.answers(400, { __type: 'AccessDeniedException', Message: 'not authorized to perform' })
  await expect(readSecret(ARN)).rejects.toMatchObject({
    code: 'secret_unreadable',
    message: expect.stringMatching(/keeper-AbCdEf cannot be read: .*not authorized/),
    retriable: true,
  })
})

test('a secret without text is unreadable', async () => {
  secrets.holds(undefined)
  await expect(readSecret(ARN)).rejects.toMatchObject({ code: 'secret_unreadable' })
})

test('reads the password of a database secret', async () => {
  secrets.holds(JSON.stringify({ username: 'keeper', password: 's3cret"' }))
  expect(await readDatabasePassword(ARN)).toBe('s3cret"')
})

test.each(['{"username":"keeper"}', '{"password":7}', 's3cret', 'null'])(
  'a database secret like %p is refused without showing it',
  async (text) => {
    secrets.holds(text)
    const error = await readDatabasePassword(ARN).catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'secret_unreadable', message: expect.stringContaining(ARN) })
    expect(String((error as Error).message)).not.toContain('s3cret')
  },
)
