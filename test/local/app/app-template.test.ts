import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, jest, test } from '@jest/globals'
import {
  App,
  CfnOutput,
  aws_cloudwatch as cloudwatch,
  Duration,
  aws_lambda_destinations as destinations,
  Fn,
  aws_lambda as lambda,
  Stack,
  Stage,
  aws_sqs as sqs,
} from 'aws-cdk-lib'
import { LogRetention, RetentionDays } from 'aws-cdk-lib/aws-logs'
import * as s3 from 'aws-cdk-lib/aws-s3'
import * as notifications from 'aws-cdk-lib/aws-s3-notifications'
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler'
import { AwsCustomResource, AwsCustomResourcePolicy, PhysicalResourceId } from 'aws-cdk-lib/custom-resources'
import { hasDatabase, readAppTemplate } from '../../../local/app/app-template.ts'
import { readApp } from '../../../local/app/stacks.ts'
import { LocalFunction } from '../../../local/cloud/lambda/function.ts'
import { ownDir } from '../../helpers/stoppable.ts'

/** Programs that start, or bundles that are made, take long beside other work. */
jest.setTimeout(180_000)

const CLUSTER = 'arn:aws:kafka:us-east-1:000000000000:cluster/shop/00000000-0000-0000-0000-000000000000-1'
const NO_PLACES = { bootstrapServers: 'localhost:9092', databaseUrl: null }

let directory: string
let app: App
beforeEach(async () => {
  directory = await ownDir('app')
  app = new App({ outdir: join(directory, 'cdk.out') })
  await mkdir(join(directory, 'code'))
  await writeFile(join(directory, 'package.json'), '{"type":"module"}')
  await writeFile(join(directory, 'code', 'index.js'), 'exports.handler = async () => process.env.NAME')
})

/** Synthesizes the app as it stands, and reads it. */
async function read(
  given: Readonly<Record<string, string>> = {},
  places: typeof NO_PLACES | { bootstrapServers: string; databaseUrl: string } = NO_PLACES,
) {
  app.synth()
  const assembly = await readApp(join(directory, 'cdk.out'))
  return {
    ...(await readAppTemplate(assembly, { places, given, codeDirectory: join(directory, 'placed') })),
    hasDatabase: hasDatabase(assembly),
  }
}

const billing = (scope: Stack, props: Partial<lambda.FunctionProps> = {}) =>
  new lambda.Function(scope, 'Billing', {
    runtime: lambda.Runtime.NODEJS_22_X,
    handler: 'index.handler',
    code: lambda.Code.fromAsset(join(directory, 'code')),
    timeout: Duration.seconds(7),
    memorySize: 256,
    ...props,
  })

const reads = (scope: Stack, target: lambda.IFunction) =>
  new lambda.EventSourceMapping(scope, 'Mapping', {
    target,
    eventSourceArn: CLUSTER,
    kafkaTopic: 'orders',
    startingPosition: lambda.StartingPosition.LATEST,
  })

describe("another app's functions", () => {
  test('run from a folder as CommonJS, with their own timeout and memory', async () => {
    billing(new Stack(app, 'shop'), { environment: { NAME: 'billing' } })
    const { template } = await read()
    const [resource] = template.functions
    if (!resource) throw new Error('There is no function')
    expect(resource).toMatchObject({ name: 'Billing', timeoutSeconds: 7, memoryMb: 256 })
    const target = new LocalFunction(resource, {
      variables: { NAME: String(resource.environment.NAME) },
      logDirectory: join(directory, 'logs'),
    })
    const outcome = await target.invoke('{}')
    await target.stop()
    expect(outcome).toEqual({ ok: true, payload: '"billing"' })
  })

  test('run from inline code', async () => {
    const code = 'exports.handler = async () => 1'
    billing(new Stack(app, 'shop'), { code: lambda.Code.fromInline(code) })
    const { template } = await read()
    expect(await readFile(join(template.functions[0]?.codeDirectory ?? '', 'index.js'), 'utf8')).toBe(code)
  })

  test('of a stage are found in its own assembly', async () => {
    billing(new Stack(new Stage(app, 'Prod'), 'shop'))
    expect((await read()).template.functions.map(({ memoryMb }) => memoryMb)).toEqual([256])
  })

  test('have variables that are known, the local places, and those that --env gives; the others are named', async () => {
    const stack = new Stack(app, 'shop')
    const queue = new sqs.Queue(stack, 'Jobs')
    const brokers = Fn.importValue('of-elsewhere')
    billing(stack, {
      environment: {
        PLAIN: 'text',
        PLACE: stack.region,
        KAFKA_BROKERS: brokers,
        DATABASE_URL: Fn.importValue('database'),
        QUEUE: queue.queueUrl,
        TOKEN: Fn.importValue('token'),
      },
    })
    const database = 'postgresql://keeper@localhost/keeper'
    const {
      template,
      variables: { missing },
    } = await read({ TOKEN: 'given', MORE: 'too' }, { ...NO_PLACES, databaseUrl: database })
    expect(template.functions[0]?.environment).toEqual({
      PLAIN: 'text',
      PLACE: 'us-east-1',
      KAFKA_BROKERS: 'localhost:9092',
      DATABASE_URL: database,
      TOKEN: 'given',
      MORE: 'too',
    })
    expect(missing).toEqual([
      {
        functionName: 'Billing',
        variable: 'QUEUE',
        refersTo: expect.stringMatching(/^AWS::SQS::Queue shop\/Jobs/),
      },
    ])
  })
})

describe('addresses of brokers in variables', () => {
  const MSK = 'b-1.shop.abc123.c2.kafka.us-east-1.amazonaws.com'
  const environmentOf = async (environment: Readonly<Record<string, string>>) => {
    billing(new Stack(app, 'shop'), { environment })
    const { template, variables } = await read()
    return { environment: template.functions[0]?.environment, ...variables }
  }

  test.each([
    ['WHATEVER', `${MSK}:9092`],
    ['WHATEVER', `${MSK}:9098,${MSK.replace('b-1', 'b-2')}:9098`],
    ['WHATEVER', 'boot-abc.c3.kafka-serverless.eu-west-1.amazonaws.com:9098'],
    ['WHATEVER', `${MSK}:9094`],
    ['BOOTSTRAP_SERVER', 'broker:29092'],
    ['BOOTSTRAP_ADDRESS', 'localhost:9092'],
    ['BROKERS', 'a.example:9092, b.example:9092'],
    ['BROKER_URLS', Fn.importValue('brokers')],
    ['kafkaBootstrapBrokers', Fn.importValue('brokers')],
    ['MSK_BOOTSTRAP_SERVERS', Fn.importValue('brokers')],
  ])('are the local broker: %s=%s', async (name, value) => {
    const { environment, missing, callsOut } = await environmentOf({ [name]: value })
    expect(environment).toEqual({ [name]: 'localhost:9092' })
    expect([missing, callsOut]).toEqual([[], []])
  })

  test.each([
    ['BROKERS', 'three'],
    ['MESSAGE_BROKER_ID', 'localhost:9092'],
    ['ENDPOINT', 'api.example:443'],
  ])('are no other values: %s=%s', async (name, value) => {
    expect((await environmentOf({ [name]: value })).environment).toEqual({ [name]: value })
  })

  test('inside another text are named with the function that would call out', async () => {
    const { callsOut } = await environmentOf({ CONFIG: JSON.stringify({ brokers: [`${MSK}:9098`] }) })
    expect(callsOut).toEqual([{ functionName: 'Billing', variable: 'CONFIG', broker: `${MSK}:9098` }])
  })
})

describe("another app's mappings and schedules", () => {
  test('name their function through an alias or another stack; a topic that nothing makes gets one partition', async () => {
    const data = new Stack(app, 'functions')
    const target = billing(data)
    new CfnOutput(data, 'Arn', { value: target.functionArn, exportName: 'billing-arn' })
    const stack = new Stack(app, 'shop')
    reads(stack, lambda.Function.fromFunctionArn(stack, 'Imported', Fn.importValue('billing-arn')))
    const alias = new lambda.Alias(data, 'Live', { aliasName: 'live', version: target.currentVersion })
    new CfnSchedule(data, 'Hourly', {
      flexibleTimeWindow: { mode: 'OFF' },
      scheduleExpression: 'rate(1 hour)',
      target: { arn: alias.functionArn, roleArn: 'arn:aws:iam::000000000000:role/any' },
    })
    const { template, addedTopics } = await read()
    const id = template.functions[0]?.id
    expect(template.mappings).toMatchObject([{ functionId: id, topic: 'orders' }])
    expect(template.schedules).toMatchObject([{ functionId: id, expression: 'rate(1 hour)' }])
    expect(addedTopics).toEqual(['orders'])
    expect(template.topics).toEqual([{ name: 'orders', partitions: 1, configs: {} }])
  })
})

test('helpers of the CDK itself are neither functions that run nor worth a word', async () => {
  const stack = new Stack(app, 'shop')
  billing(stack)
  new LogRetention(stack, 'Retention', { logGroupName: 'shop', retention: RetentionDays.ONE_DAY })
  new s3.Bucket(stack, 'Uploads').addEventNotification(
    s3.EventType.OBJECT_CREATED,
    new notifications.SqsDestination(new sqs.Queue(stack, 'Uploaded')),
  )
  const call = { service: 'SSM', action: 'getParameter', physicalResourceId: PhysicalResourceId.of('1') }
  new AwsCustomResource(stack, 'Call', {
    onCreate: call,
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: ['*'] }),
  })
  const { template, skipped, refused, variables } = await read()
  expect(template.functions.map(({ name }) => name)).toEqual(['Billing'])
  expect([refused, variables.missing]).toEqual([[], []])
  expect(skipped.join()).not.toContain('AWS::Lambda::Function')
})

test('what is not emulated is listed once, by type with its count, and skipped', async () => {
  const stack = new Stack(app, 'shop')
  reads(stack, billing(stack))
  for (const id of ['A', 'B']) new sqs.Queue(stack, id)
  new lambda.Function(stack, 'Snake', {
    runtime: lambda.Runtime.PYTHON_3_13,
    handler: 'index.handler',
    code: lambda.Code.fromInline('pass'),
  })
  const { skipped, refused, hasDatabase: database } = await read()
  expect(skipped).toEqual([
    'not emulated, and skipped: AWS::Lambda::Function of python3.13 (1), AWS::SQS::Queue (2)',
    expect.stringMatching(/^without a part here: \d+ of IAM, networks, logs and the CDK$/),
  ])
  expect(refused).toEqual(['shop/Snake/Resource: AWS::Lambda::Function of python3.13 does not run here.'])
  expect(database).toBe(false)
})

describe("another app's alarms and dashboards", () => {
  test('are on what runs here, across stacks too', async () => {
    const stack = new Stack(app, 'shop')
    const failed = new sqs.Queue(stack, 'Failed')
    const fn = billing(stack, { onFailure: new destinations.SqsDestination(failed) })
    const monitoring = new Stack(app, 'monitoring')
    const errors = fn
      .metricErrors({ statistic: 'Sum', period: Duration.minutes(1) })
      .createAlarm(monitoring, 'Errors', { threshold: 1, evaluationPeriods: 2, datapointsToAlarm: 1 })
    failed.metricApproximateNumberOfMessagesVisible().createAlarm(monitoring, 'Letters', {
      ...{ alarmName: 'letters', threshold: 1, evaluationPeriods: 1 },
    })
    const dashboard = new cloudwatch.Dashboard(monitoring, 'Shop', { dashboardName: 'shop' })
    dashboard.addWidgets(
      new cloudwatch.AlarmWidget({ title: 'Errors', alarm: errors }),
      new cloudwatch.GraphWidget({ title: 'Runs', left: [fn.metricInvocations()] }),
    )
    const { template, skipped } = await read()
    const dimensions = (index: number) => template.alarms?.[index]?.metrics.m1?.metric.dimensions
    expect(template.alarms?.map(({ name }) => name)).toEqual(['Errors', 'letters'])
    expect(dimensions(0)).toEqual({ FunctionName: 'Billing' })
    expect(dimensions(1)).toEqual({ QueueName: template.functions[0]?.asynchronous?.onFailure })
    const [shop] = template.dashboards ?? []
    expect([shop?.name, shop?.problem]).toEqual(['shop', undefined])
    expect(shop?.body).toContain('"AWS/Lambda","Invocations","FunctionName","Billing"')
    expect(shop?.body).toContain(':000000000000:alarm:Errors"')
    expect(skipped.join()).not.toMatch(/CloudWatch/)
  })

  test('of two stacks of a kind are told apart by the stack', async () => {
    for (const id of ['eu', 'us']) {
      const stack = new Stack(app, id)
      billing(stack).metricErrors().createAlarm(stack, 'Errors', { threshold: 1, evaluationPeriods: 1 })
    }
    const { template } = await read()
    expect(template.alarms?.map(({ name }) => name)).toEqual(['eu-Errors', 'us-Errors'])
  })

  test('that combine others name them as they are called here', async () => {
    const stack = new Stack(app, 'shop')
    const errors = billing(stack)
      .metricErrors()
      .createAlarm(stack, 'Errors', { threshold: 1, evaluationPeriods: 1 })
    const alarmRule = cloudwatch.AlarmRule.not(errors)
    const inner = new cloudwatch.CompositeAlarm(stack, 'Inner', { alarmRule, compositeAlarmName: 'inner' })
    new cloudwatch.CompositeAlarm(stack, 'All', {
      ...{ alarmRule: cloudwatch.AlarmRule.anyOf(errors, inner), compositeAlarmName: 'all' },
    })
    const { template, skipped } = await read()
    const arn = 'arn:aws:cloudwatch:us-east-1:000000000000:alarm:'
    expect(template.compositeAlarms?.map(({ name, alarmRule: rule }) => [name, rule])).toEqual([
      ['inner', `(NOT (ALARM("${arn}Errors")))`],
      ['all', `(ALARM("${arn}Errors") OR ALARM("${arn}inner"))`],
    ])
    expect(skipped.join()).not.toMatch(/CloudWatch/)
  })
})
