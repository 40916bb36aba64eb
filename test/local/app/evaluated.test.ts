import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from '@jest/globals'
import { type AppSettings, readAppTemplate } from '../../../local/app/app-template.ts'
import { readApp } from '../../../local/app/stacks.ts'
import { ownDir } from '../../helpers/stoppable.ts'

/** Each test writes templates as CloudFormation takes them, and reads what would run. */

let directory: string
beforeEach(async () => {
  directory = await ownDir('evaluated')
})

type Section = Readonly<Record<string, unknown>>

const CONSUMER = {
  Type: 'AWS::Lambda::Function',
  Properties: {
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code: { ZipFile: 'exports.handler = async () => 1' },
  },
}

const mapping = (properties: Section = {}, condition?: string) => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  ...(condition && { Condition: condition }),
  Properties: {
    FunctionName: { Ref: 'Consumer' },
    Topics: ['orders'],
    StartingPosition: 'LATEST',
    ...properties,
  },
})

/** Reads templates by their stacks' names. */
async function read(stacks: Readonly<Record<string, Section>>, settings: Partial<AppSettings> = {}) {
  const assembly = join(directory, 'cdk.out')
  await mkdir(assembly, { recursive: true })
  for (const [name, template] of Object.entries(stacks)) {
    await writeFile(join(assembly, `${name}.template.json`), JSON.stringify(template))
  }
  return readAppTemplate(await readApp(assembly), {
    places: { bootstrapServers: 'localhost:9092', databaseUrl: null },
    given: {},
    codeDirectory: join(directory, 'code'),
    ...settings,
  })
}

const shop = (template: Section, settings?: Partial<AppSettings>) =>
  read(
    { shop: { ...template, Resources: { Consumer: CONSUMER, ...(template.Resources as Section) } } },
    settings,
  )

describe('conditions', () => {
  const Conditions = {
    IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
    IsNotProd: { 'Fn::Not': [{ Condition: 'IsProd' }] },
    InUs: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
    IsLarge: { 'Fn::Equals': [{ 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Size'] }, 'large'] },
    Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'InUs' }, { Condition: 'IsLarge' }] },
    Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { 'Fn::Not': [{ Condition: 'InUs' }] }] },
  }
  const template = {
    Parameters: { Stage: { Type: 'String', Default: 'dev', AllowedValues: ['dev', 'prod'] } },
    Mappings: { Sizes: { dev: { Size: 'small', Batch: 10 }, prod: { Size: 'large', Batch: 500 } } },
    Conditions,
  }
  const topics = ({ template: { mappings } }: Awaited<ReturnType<typeof read>>) =>
    mappings.map(({ topic }) => topic).sort()

  test.each([
    ['dev', ['not-prod']],
    ['prod', ['both', 'either', 'prod']],
  ])('decide which mappings run: %s', async (Stage, running) => {
    const named = { Prod: 'IsProd', NotProd: 'IsNotProd', Both: 'Both', Either: 'Either' }
    const topicsOf = { Prod: 'prod', NotProd: 'not-prod', Both: 'both', Either: 'either' }
    const Resources = Object.fromEntries(
      Object.entries(named).map(([id, condition]) => [
        id,
        mapping({ Topics: [topicsOf[id as keyof typeof topicsOf]] }, condition),
      ]),
    )
    expect(topics(await shop({ ...template, Resources }, { parameters: { Stage } }))).toEqual(running)
  })

  test('decide properties by Fn::If, of which AWS::NoValue takes one away', async () => {
    const read = (Stage: string) =>
      shop(
        {
          ...template,
          Resources: {
            Orders: mapping({
              BatchSize: { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Batch'] },
              MaximumBatchingWindowInSeconds: { 'Fn::If': ['IsProd', 5, { Ref: 'AWS::NoValue' }] },
              Topics: [{ 'Fn::If': ['IsProd', 'orders', 'orders-dev'] }],
            }),
          },
        },
        { parameters: { Stage } },
      )
    expect((await read('dev')).template.mappings).toMatchObject([
      { topic: 'orders-dev', batchSize: 10, windowSeconds: undefined },
    ])
    expect((await read('prod')).template.mappings).toMatchObject([
      { topic: 'orders', batchSize: 500, windowSeconds: 5 },
    ])
  })

  test('decide functions and outputs', async () => {
    const { template: of } = await shop({
      ...template,
      Resources: { Other: { ...CONSUMER, Condition: 'IsProd' } },
      Outputs: {
        Here: { Value: { 'Fn::If': ['IsProd', 'p', 'd'] } },
        Gone: { Value: 'x', Condition: 'IsProd' },
      },
    })
    expect(of.functions.map(({ name }) => name)).toEqual(['Consumer'])
    expect(of.stacks?.[0]?.outputs).toMatchObject([{ key: 'Here', value: 'd' }])
  })

  test('that depend on what is not known here leave out what needs them, with a sentence', async () => {
    const { template: of, refused } = await shop({
      Parameters: { Stage: { Type: 'String' } },
      Conditions,
      Resources: { Orders: mapping({}, 'IsProd') },
    })
    expect(of.mappings).toEqual([])
    expect(refused).toEqual([
      'shop/Orders (AWS::Lambda::EventSourceMapping): its condition IsProd depends on what is not known here.',
    ])
  })
})

describe('parameters', () => {
  const Parameters = {
    Size: { Type: 'Number' },
    Names: { Type: 'CommaDelimitedList', Default: 'orders, payments' },
    Stage: { Type: 'String', Default: 'dev' },
  }
  const Resources = {
    Orders: mapping({
      BatchSize: { Ref: 'Size' },
      Topics: [{ 'Fn::Select': [1, { Ref: 'Names' }] }],
    }),
  }

  test('have the given value, else the default, in the type that the template declares', async () => {
    const { template, withoutValue } = await shop({ Parameters, Resources }, { parameters: { Size: '20' } })
    expect(template.mappings).toMatchObject([{ batchSize: 20, topic: 'payments' }])
    expect(withoutValue).toEqual([])
  })

  test('reach texts and variables', async () => {
    const Consumer = {
      ...CONSUMER,
      Properties: {
        ...CONSUMER.Properties,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
        Environment: { Variables: { A: { 'Fn::Sub': '${Stage}-${Names}' }, B: { Ref: 'Size' } } },
      },
    }
    const { template } = await shop(
      { Parameters, Resources: { Consumer } },
      { parameters: { 'shop:Stage': 'prod', Size: '7' } },
    )
    expect(template.functions[0]?.environment).toEqual({ A: 'prod-orders,payments', B: '7' })
  })

  test('without a value are named, and what needs them is left out by itself', async () => {
    const { template, withoutValue, refused } = await shop({
      Parameters,
      Resources: { ...Resources, Payments: mapping({ Topics: { Ref: 'Names' }, BatchSize: 5 }) },
    })
    expect(withoutValue).toEqual(['Size'])
    expect(template.mappings).toEqual([])
    expect(refused).toEqual([
      'shop/Orders (AWS::Lambda::EventSourceMapping): BatchSize is {"Ref":"Size"}; here it takes a number.',
      expect.stringContaining('AWS refuses this mapping: Topics names 2 topics'),
    ])
  })

  test.each([
    [{ Size: 'many' }, 'Size is "many": use a number.'],
    [
      { Colour: 'red' },
      '--parameters names Colour, and no stack has that parameter. There are Size, Names, Stage.',
    ],
  ])('%j is refused', async (parameters, message) => {
    await expect(shop({ Parameters, Resources }, { parameters })).rejects.toMatchObject({
      code: 'bad_parameter',
      message,
    })
  })
})

describe('two stacks of a kind', () => {
  const stack = (topic: string) => ({
    Resources: { Consumer: CONSUMER, Orders: mapping({ Topics: [topic] }) },
  })

  test('have functions, mappings and groups of their own', async () => {
    const { template } = await read({ a: stack('ta'), b: stack('tb') })
    expect(template.functions.map(({ name }) => name)).toEqual(['a-Consumer', 'b-Consumer'])
    expect(template.mappings.map(({ topic, functionId }) => [topic, functionId])).toEqual([
      ['ta', 'a/Consumer'],
      ['tb', 'b/Consumer'],
    ])
    expect(new Set(template.mappings.map(({ consumerGroupId }) => consumerGroupId)).size).toBe(2)
  })

  test('share a topic that both create, with the partitions of the larger', async () => {
    const topic = (partitions: number) => ({
      Resources: {
        ...stack('orders').Resources,
        Topic: {
          Type: 'AWS::MSK::Topic',
          Properties: { TopicName: 'orders', PartitionCount: partitions, ReplicationFactor: 3 },
        },
      },
    })
    const { template } = await read({ a: topic(2), b: topic(6) })
    expect(template.topics).toEqual([{ name: 'orders', partitions: 6, configs: {} }])
  })

  test('run one by one with --stack, under the same names', async () => {
    const { template } = await read({ a: stack('ta'), b: stack('tb') }, { stacks: ['b'] })
    expect(template.functions.map(({ name }) => name)).toEqual(['b-Consumer'])
    expect(template.mappings.map(({ topic }) => topic)).toEqual(['tb'])
    const refused = read({ a: stack('ta') }, { stacks: ['c'] })
    await expect(refused).rejects.toThrow('--stack is "c", and the assembly has a, b.')
  })

  test('whose mappings read each other’s function keep their own groups and destinations', async () => {
    const { template } = await read({
      a: {
        Resources: {
          Consumer: CONSUMER,
          Orders: mapping(),
        },
      },
      b: {
        Resources: {
          Orders: mapping({ FunctionName: 'arn:aws:lambda:us-east-1:000000000000:function:Consumer' }),
        },
      },
    })
    expect(template.mappings.map(({ name, functionId }) => [name, functionId])).toEqual([
      ['a/Orders', 'a/Consumer'],
      ['b/Orders', 'a/Consumer'],
    ])
  })
})

test('a mapping that AWS refuses is left out by itself, and the others run', async () => {
  const { template, refused } = await shop({
    Resources: { Wrong: mapping({ BatchSize: 0 }), Right: mapping() },
  })
  expect(template.mappings.map(({ name }) => name)).toEqual(['shop/Right'])
  expect(refused).toEqual([
    'shop/Wrong (AWS::Lambda::EventSourceMapping): AWS refuses this mapping: BatchSize is 0, and Lambda takes 1 to 10000.',
  ])
})
