import { describe, expect, test } from '@jest/globals'
import { App, Stack } from 'aws-cdk-lib'
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch'
import { anchorsOf, RunbookRules } from '../../lib/runbook-rules.ts'

const RUNBOOK = '# Runbook\n\n## Kafka disk\nText.\n\n## Function near its timeout\n'

const synthesize = (alarmDescription: string | undefined) => () => {
  const app = new App({ builtinCloudFormationValidation: false })
  new CfnAlarm(new Stack(app, 'stack'), 'alarm', {
    alarmDescription,
    comparisonOperator: 'GreaterThanThreshold',
    evaluationPeriods: 1,
  })
  RunbookRules.apply(app, RUNBOOK)
  app.synth()
}

describe('an alarm', () => {
  test('with a section in the runbook passes', () => {
    expect(synthesize('The disk is full. docs/runbook.md#kafka-disk')).not.toThrow()
  })

  test.each(['docs/runbook.md#kafka', 'The disk is full.', undefined])(
    'described as "%s", for which the runbook has no section, fails the synthesis',
    (description) => {
      expect(synthesize(description)).toThrow(
        "stack/alarm: end the alarm's description with #<section> and write that section in docs/runbook.md",
      )
    },
  )
})

test('anchors are made of headings as GitHub makes them', () => {
  expect(anchorsOf(RUNBOOK)).toEqual(['kafka-disk', 'function-near-its-timeout'])
})
