const Sequencer = require('@jest/test-sequencer').default

/** What takes longest, by name: jest knows how long a file took only where it has run it before, and guesses by its size. */
const LONGEST = [
  'console/pages',
  'engines/embedded',
  'cli/aws',
  'cli/cli',
  'cli/channels',
  'bin/keeper',
  'conformance/mapping-reading',
  'kafka/topic-producer-failures',
  'local/alert-to-mail',
  'local/run',
  'cli/health',
  'helpers/helpers',
]

/** Begins with the longest, so that none of them is left alone at the end. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const place = LONGEST.findIndex((name) => path.endsWith(`/${name}.test.ts`))
      return place < 0 ? LONGEST.length : place
    }
    return super.sort(tests).toSorted((a, b) => rank(a) - rank(b))
  }
}
