import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { KEEPA_API_KEY_PLACEHOLDER } from '../../lambdas/core/environment.ts'
import { createLogger } from '../../lambdas/core/logger.ts'
import { keepaClient } from '../../lambdas/core/producer-clients.ts'
import { type TestSecrets, testSecrets } from '../helpers/secrets-manager.ts'

const ARN = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:keepa-api-key-AbCdEf'

let secrets: TestSecrets
let before: NodeJS.ProcessEnv
beforeEach(async () => {
  before = { ...process.env }
  secrets = await testSecrets(ARN)
  Object.assign(process.env, secrets.environment, { KEEPA_API_KEY_SECRET_ARN: ARN })
})
afterEach(() => {
  process.env = before
  return secrets.close()
})

test('a warm environment finds the API key that was put in after the first run', async () => {
  const log = createLogger({}, () => undefined)
  secrets.holds(JSON.stringify({ keepa: KEEPA_API_KEY_PLACEHOLDER, unused: 'random' }))
  expect(await keepaClient(log)).toBeUndefined()
  secrets.holds('a key\n')
  const client = await keepaClient(log)
  expect(client).toBeDefined()
  expect(await keepaClient(log)).toBe(client)
  expect(secrets.asked).toHaveLength(2)
})
