/** What every local node is set to, embedded or in a container (local/docker-compose.yml says the same; a test compares). */
export const NODE_SETTINGS: Readonly<Record<string, string>> = {
  'discovery.type': 'single-node',
  // An index that is made by itself would guess its mapping, and a typing mistake in a name would go unseen.
  'action.auto_create_index': 'false',
  // A disk that is nearly full is the machine's own affair: the index is small.
  'cluster.routing.allocation.disk.threshold_enabled': 'false',
}

/** opensearch.yml of the embedded node, which is open to this machine only. */
export const nodeYaml = (transportPort: number): string =>
  Object.entries({
    ...NODE_SETTINGS,
    'network.host': '127.0.0.1',
    'transport.port': String(transportPort),
  })
    .map(([name, value]) => `${name}: "${value}"\n`)
    .join('')
