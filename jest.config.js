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

/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Minutes of faults at random: `npm run soak -- --minutes 20`, or `SOAK_SECONDS=60 npm test -- test/soak`.
  testPathIgnorePatterns: ['/node_modules/', ...(process.env.SOAK_SECONDS ? [] : ['<rootDir>/test/soak/'])],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/cdk.out/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: { '\\.ts$': swc(false), '\\.tsx$': swc(true) },
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  randomize: true,
  testSequencer: '<rootDir>/test/helpers/sequencer.cjs',
  testTimeout: 180_000,
  // A worker ends within a millisecond; giving its memory back takes a busy machine longer than jest's half second.
  workerGracefulExitTimeout: 30_000,
  // On two cores: many tests wait for a broker or a process, and a third one fills the gaps.
  maxWorkers: 3,
}
