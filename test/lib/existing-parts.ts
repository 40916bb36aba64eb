/** A context that names an existing network, cluster and database. */
export const existingContext = {
  existingVpc: {
    vpcId: 'vpc-0123456789abcdef0',
    availabilityZones: ['eu-central-1a', 'eu-central-1b'],
    privateSubnetIds: ['subnet-0123456789abcdef0', 'subnet-0123456789abcdef1'],
    databaseSubnetIds: ['subnet-0123456789abcdef2', 'subnet-0123456789abcdef3'],
  },
  existingKafka: {
    clusterArn:
      'arn:aws:kafka:eu-central-1:111122223333:cluster/shared/11111111-2222-3333-4444-555555555555-6',
    securityGroupId: 'sg-0123456789abcdef0',
    brokers: 3,
    replicationFactor: 3,
  },
  existingDatabase: {
    host: 'shared.abcdefghijkl.eu-central-1.rds.amazonaws.com',
    resourceId: 'db-ABCDEFGHIJKL',
    instanceIdentifier: 'shared',
    secretArn: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:shared-AbCdEf',
    user: 'keeper_owner',
    databaseName: 'keeper',
    securityGroupId: 'sg-0123456789abcdef1',
  },
}
