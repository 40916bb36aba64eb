/** TypeScript by swc. */
const swc = (isTsx) => [
  '@swc/jest',
  {
    jsc: {
      parser: { syntax: 'typescript', tsx: isTsx },
      target: 'es2024',
      transform: { react: { runtime: 'automatic', importSource: 'preact' } },
    },
    module: { type: 'es6' },
  },
]

/**
 * Left out unless ALL_TESTS is set (`npm run test:all`): each takes near a minute of both cores. A short soak; every command
 * watched at AWS's door (test/lib/constructs/operations/people-policies simulates the same table); Kafka's own tools beside
 * ours; the mirror, for which OpenSearch and Kafka Connect start.
 */
const ON_REQUEST = [
  '<rootDir>/test/soak/',
  '<rootDir>/test/cli/permissions.test.ts',
  '<rootDir>/test/operator/kafka/kafka-tools.test.ts',
  '<rootDir>/test/local/mirror.test.ts',
]

/** Loaded once for all test files of a worker. */
const ONCE = '(aws-cdk-lib|cdk-nag|constructs)'

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.ALL_TESTS ? [] : ON_REQUEST)],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/cdk.out/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '\\.ts$': swc(false),
    '\\.tsx$': swc(true),
    [`/node_modules/${ONCE}/.+\\.js$`]: '<rootDir>/test/helpers/loaded-once.cjs',
  },
  transformIgnorePatterns: [`/node_modules/(?!${ONCE}/)`],
  testEnvironment: '<rootDir>/test/helpers/environment.cjs',
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  randomize: true,
  testSequencer: '<rootDir>/test/helpers/sequencer.cjs',
  testTimeout: 180_000,
  // A worker ends within a millisecond; giving its memory back takes a busy machine longer than jest's half second.
  workerGracefulExitTimeout: 30_000,
  maxWorkers: 2,
}
