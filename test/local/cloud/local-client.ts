/** What every client of SDK v3 is given to work against the local AWS: any credentials are as good as any. */
export const localClient = (endpoint: string) => ({
  endpoint,
  region: 'us-east-1',
  maxAttempts: 1,
  credentials: { accessKeyId: 'anyone', secretAccessKey: 'at all' },
})
