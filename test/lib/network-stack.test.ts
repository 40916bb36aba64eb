import { describe, expect, test } from '@jest/globals'
import { Template } from 'aws-cdk-lib/assertions'
import { SubnetType } from 'aws-cdk-lib/aws-ec2'
import { build, resourceAt, resourcesByPath, templatesIn, templatesOf } from './synthesized.ts'

const { network } = templatesOf('dev')

/** `from -> to:port`, by the ids of the security groups. */
const ingress = (template = network) =>
  [...resourcesByPath(template, 'AWS::EC2::SecurityGroupIngress').values()]
    .map(({ Properties }) => {
      const id = (value: unknown) =>
        (value as { 'Fn::GetAtt': [string] })['Fn::GetAtt'][0].replace(/[0-9A-F]{8}$/, '')
      return `${id(Properties.SourceSecurityGroupId)} -> ${id(Properties.GroupId)}:${Properties.FromPort}`
    })
    .sort()

describe('the network', () => {
  test('lets in who needs to come in, by security group and port', () => {
    expect(ingress()).toEqual([
      'brokers -> brokers:9098',
      'consumers -> database:5432',
      'mailevents -> database:5432',
      'maintenance -> brokers:9098',
      'maintenance -> database:5432',
      'migrator -> database:5432',
      'notifier -> database:5432',
      'operators -> brokers:9098',
      'operators -> database:5432',
      'producers -> brokers:9098',
      'producers -> database:5432',
    ])
  })

  test('lets functions of a new role reach what they say, from where it can be reached', () => {
    const stacks = build()
    const open = stacks.network.functions('indexers', { description: 'One', reaches: ['internet', 'kafka'] })
    const closed = stacks.network.functions('cleaners', { description: 'Two', reaches: ['postgres'] })
    const template = Template.fromStack(stacks.network)
    expect(ingress(template).filter((rule) => /^(indexers|cleaners)/.test(rule))).toEqual([
      'cleaners -> database:5432',
      'indexers -> brokers:9098',
    ])
    expect(open.subnets).toEqual({ subnetType: SubnetType.PRIVATE_WITH_EGRESS })
    expect(closed.subnets).toEqual({ subnetType: SubnetType.PRIVATE_ISOLATED })
    const egressOf = (id: string) =>
      resourceAt(template, 'AWS::EC2::SecurityGroup', `${id}/`).Properties.SecurityGroupEgress
    expect(egressOf('indexers')).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', IpProtocol: '-1' })])
    // The CDK's way to say nothing: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/aws-ec2/README.md
    expect(JSON.stringify(egressOf('cleaners') ?? [])).not.toContain('0.0.0.0/0')
  })

  test('opens nothing to addresses', () => {
    for (const [, { Properties }] of resourcesByPath(network, 'AWS::EC2::SecurityGroup')) {
      expect(Properties.SecurityGroupIngress ?? []).toEqual([])
    }
  })

  test.each([
    ['dev', 2, 1],
    ['small', 3, 1],
    ['large', 3, 3],
  ])('spreads in %s over %i zones with %i NAT gateways', (size, zones, gateways) => {
    const template = templatesOf(size).network
    const subnets = [...resourcesByPath(template, 'AWS::EC2::Subnet').values()]
    expect(new Set(subnets.map(({ Properties }) => JSON.stringify(Properties.AvailabilityZone))).size).toBe(
      zones,
    )
    expect(resourcesByPath(template, 'AWS::EC2::NatGateway').size).toBe(gateways)
  })

  test('lies in the zones that the setting names, and the cluster with it', () => {
    const availabilityZones = ['us-east-1b', 'us-east-1d', 'us-east-1f']
    const { network: template } = templatesIn(
      build({ size: 'small', availabilityZones: availabilityZones.join(',') }),
    )
    const subnets = [...resourcesByPath(template, 'AWS::EC2::Subnet').values()]
    expect(new Set(subnets.map(({ Properties }) => Properties.AvailabilityZone))).toEqual(
      new Set(availabilityZones),
    )
  })
})
