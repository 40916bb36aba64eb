const { TestEnvironment } = require('jest-environment-node')

/** Jest's own environment, with a way to what Node itself has loaded (loaded-once.cjs). */
module.exports = class extends TestEnvironment {
  constructor(...given) {
    super(...given)
    this.global.requireOnce = (path) => require(path)
  }
}
