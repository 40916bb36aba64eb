import { describe, expect, test } from '@jest/globals'
import { resourcesByPath, templatesOf } from './synthesized.ts'

const { network } = templatesOf('dev')

/** `from -> to:port`, by the ids of the security groups. */
const ingress = () =>
  [...resourcesByPath(network, 'AWS::EC2::SecurityGroupIngress').values()]
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
      'migrator -> database:5432',
      'producers -> brokers:9098',
      'producers -> database:5432',
    ])
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
})
