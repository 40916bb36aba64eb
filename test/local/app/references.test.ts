import { describe, expect, test } from '@jest/globals'
import { References } from '../../../local/app/references.ts'
import type { Resource } from '../../../local/cloud/template/assembly.ts'

const resource = (stack: string, logicalId: string, type: string, properties = {}): Resource => ({
  stack,
  logicalId,
  type,
  properties,
  path: `${stack}/${logicalId}`,
  assetDirectory: undefined,
})

const references = new References(
  {
    stacks: [
      {
        name: 'app',
        stackName: 'app',
        outputs: {},
        parameters: { Stage: { Type: 'String', Default: 'dev' }, Size: { Type: 'String' } },
      },
      {
        name: 'data',
        stackName: 'shop-data',
        outputs: {
          Named: {
            Value: { 'Fn::GetAtt': ['Orders', 'TopicName'] },
            // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
            Export: { Name: { 'Fn::Sub': '${AWS::StackName}:orders' } },
          },
          Brokers: { Value: { 'Fn::GetAtt': ['Cluster', 'BootstrapBrokerStringSaslIam'] } },
        },
        parameters: {},
      },
    ],
    resources: [
      resource('app', 'Billing', 'AWS::Lambda::Function'),
      resource('app', 'Live', 'AWS::Lambda::Alias', { FunctionName: { Ref: 'Billing' } }),
      resource('app', 'Table', 'AWS::DynamoDB::Table'),
      resource('app', 'Nightly', 'AWS::Scheduler::Schedule', { Name: 'nightly' }),
      resource('app', 'Db', 'AWS::RDS::DBInstance'),
      resource('data', 'Orders', 'AWS::MSK::Topic', { TopicName: 'orders' }),
      resource('data', 'Cluster', 'Custom::AWS'),
    ],
  },
  { bootstrapServers: 'localhost:9092', databaseUrl: 'postgresql://keeper@localhost:5544/keeper' },
)

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:Billing'

describe('a value of a template', () => {
  test.each([
    ['plain', 'plain'],
    [3, '3'],
    [{ Ref: 'AWS::Region' }, 'us-east-1'],
    [{ Ref: 'Stage' }, 'dev'],
    [{ Ref: 'Billing' }, 'Billing'],
    [{ Ref: 'Live' }, ARN],
    [{ Ref: 'Nightly' }, 'nightly'],
    [{ 'Fn::GetAtt': ['Billing', 'Arn'] }, ARN],
    [{ 'Fn::GetAtt': ['Db', 'Endpoint.Address'] }, 'localhost'],
    [{ 'Fn::GetAtt': ['Db', 'Endpoint.Port'] }, '5544'],
    [
      { 'Fn::Join': ['-', ['orders', { Ref: 'Stage' }, { Ref: 'AWS::AccountId' }]] },
      'orders-dev-000000000000',
    ],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own
    [{ 'Fn::Sub': ['${Billing.Arn} ${Own} ${!Kept}', { Own: { Ref: 'Stage' } }] }, `${ARN} dev \${Kept}`],
    [{ 'Fn::ImportValue': 'shop-data:orders' }, 'orders'],
    [{ 'Fn::Select': [6, { 'Fn::Split': [':', { 'Fn::GetAtt': ['Billing', 'Arn'] }] }] }, 'Billing'],
    [{ 'Fn::Select': ['1', ['a', { Ref: 'Stage' }]] }, 'dev'],
    [{ 'Fn::GetStackOutput': { StackName: 'shop-data', OutputName: 'Brokers' } }, 'localhost:9092'],
  ])('%j is %j here', (value, text) => {
    expect(references.resolve('app', value)).toEqual({ known: true, text })
  })

  test.each([
    [{ Ref: 'Table' }, 'AWS::DynamoDB::Table app/Table'],
    [{ 'Fn::GetAtt': ['Table', 'Arn'] }, 'Arn of AWS::DynamoDB::Table app/Table'],
    [{ 'Fn::Join': ['', ['x', { Ref: 'Table' }]] }, 'AWS::DynamoDB::Table app/Table'],
    [{ Ref: 'Size' }, 'the parameter Size'],
    ['{{resolve:secretsmanager:key}}', '{{resolve:secretsmanager:key}}'],
    [{ 'Fn::ImportValue': 'nobody' }, 'the export nobody, which no stack of this assembly has'],
    [
      { 'Fn::GetStackOutput': { StackName: 'shop-data', OutputName: 'No' } },
      'the output No, which no stack of this assembly has',
    ],
    [{ 'Fn::If': ['Yes', 'a', 'b'] }, '{"Fn::If":["Yes","a","b"]}'],
  ])('%j cannot be known here, and says what it refers to', (value, refersTo) => {
    expect(references.resolve('app', value)).toEqual({ known: false, refersTo })
  })
})
