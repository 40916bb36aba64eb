import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { type WatchedCloud, watchedCloud } from '../cloudwatch/watched-cloud.ts'
import { localClient } from '../local-client.ts'

let watched: WatchedCloud
let client: STSClient
beforeEach(async () => {
  watched = await watchedCloud({})
  client = new STSClient(localClient(await watched.cloud.openApi(0)))
})
afterEach(async () => {
  client.destroy()
  await watched.cloud.stop(0)
})

test('GetCallerIdentity names the account of everything here', async () => {
  expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '000000000000',
    Arn: 'arn:aws:iam::000000000000:user/local',
    UserId: 'AIDALOCALUSER0000000',
  })
})
