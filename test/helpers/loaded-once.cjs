/**
 * Makes of a package's module what Node itself loads, once for all test files of a worker. Jest would compile and run the
 * CDK again for each: a second of the processor before the first stack. For packages alone that keep nothing of a test and
 * whose errors no code of ours takes for its own realm's (`instanceof Error`).
 */
module.exports = {
  process: (_source, path) => ({ code: `module.exports = requireOnce(${JSON.stringify(path)})` }),
}
