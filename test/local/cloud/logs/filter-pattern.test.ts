import { describe, expect, test } from '@jest/globals'
import { logFilter } from '../../../../local/cloud/logs/filter-pattern.ts'

const json =
  '{"level":"ERROR","message":{"topic":"price-updates","offsets":[7,9]},"durationMs":12.5,"ok":false,"next":null}'

describe('a filter pattern', () => {
  test.each([
    ['', 'anything', true],
    ['ERROR', 'an ERROR', true],
    ['ERROR', 'an error', false],
    ['ERROR timeout', 'timeout after ERROR', true],
    ['ERROR timeout', 'ERROR alone', false],
    ['"two words"', 'has two words', true],
    ['"two words"', 'words two', false],
    ['"say \\"hi\\""', 'they say "hi"', true],
    ['?WARN ?ERROR', 'a WARN', true],
    ['?WARN ?ERROR', 'an INFO', false],
    ['ERROR -expected', 'ERROR as expected', false],
    ['ERROR -expected', 'ERROR', true],
    ['%price-(check|consumer)%', 'price-consumer failed', true],
    ['%^price%', 'the price', false],
    ['{ $.level = "ERROR" }', json, true],
    ['{ $.level = ERROR }', json, true],
    ['{ $.level != "ERROR" }', json, false],
    ['{ $.message.topic = "price-*" }', json, true],
    ['{ $.message.topic = "deal-*" }', json, false],
    ['{ $.message.topic = %updates$% }', json, true],
    ['{ $.message.offsets[1] = 9 }', json, true],
    ['{ $.durationMs > 12 && $.durationMs <= 12.5 }', json, true],
    ['{ $.durationMs > 13 || ($.level = "ERROR" && $.ok IS FALSE) }', json, true],
    ['{ $.next IS NULL }', json, true],
    ['{ $.requestId NOT EXISTS }', json, true],
    ['{ $.level NOT EXISTS }', json, false],
    ['{ $.constructor NOT EXISTS }', json, true],
    ['{ $.level = "*" }', 'no JSON', false],
  ])('%s on %s: %s', (pattern, line, matches) => {
    expect(logFilter(pattern)(line)).toBe(matches)
  })

  test.each([
    ['"open', 'a quotation mark is missing'],
    ['{ level = "ERROR" }', 'level is not a field such as $.level'],
    ['{ $.level }', 'the end is not a comparison'],
    ['{ $.level > "ERROR" }', '> compares with a number'],
    ['{ ($.a = 1 }', ') is missing'],
    ['{ $.a = 1 $.b = 2 }', '$.b is not expected'],
    ['{ $.a IS ODD }', 'IS ODD is not one of'],
    ['%(%', '( is not a regular expression'],
  ])('%s is refused: %s', (pattern, what) => {
    expect(() => logFilter(pattern)).toThrow(what)
  })
})
