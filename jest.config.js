/** @type {import('jest').Config} */
export default {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/.local/', '<rootDir>/cdk.out/'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2024' }, module: { type: 'es6' } },
    ],
  },
  globalSetup: '<rootDir>/test/helpers/global-setup.ts',
  globalTeardown: '<rootDir>/test/helpers/global-teardown.ts',
  randomize: true,
  testTimeout: 180_000,
  // A worker ends within a millisecond; giving its memory back takes a busy machine longer than jest's half second.
  workerGracefulExitTimeout: 30_000,
  maxWorkers: 2,
}
