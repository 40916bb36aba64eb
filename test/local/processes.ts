import { spawnSync } from 'node:child_process'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { platform } from 'node:os'

/** The processes that a process has started, and those that they have. */
export function descendants(pid: number | undefined): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' })
  const children = stdout.split('\n').filter(Boolean).map(Number)
  return children.flatMap((child) => [child, ...descendants(child)])
}

/** A port that a process listens on. */
export interface Listener {
  readonly address: string
  readonly port: number
}

/** What processes listen on: by Linux's tables of sockets, elsewhere by lsof. */
export async function listenersOf(pids: readonly number[]): Promise<readonly Listener[]> {
  if (platform() !== 'linux') return listenersByLsof(pids)
  const inodes = new Set((await Promise.all(pids.map(socketsOf))).flat())
  const tables = await Promise.all(
    ['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')),
  )
  return tables
    .flatMap((table) => table.split('\n').slice(1))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , , state, , , , , , inode = '']) => state === LISTENS && inodes.has(inode))
    .map(([, local = '']) => {
      const [address = '', port = ''] = local.split(':')
      return { address: ADDRESSES[address] ?? address, port: Number.parseInt(port, 16) }
    })
}

/** https://docs.kernel.org/networking/proc_net_tcp.html */
const LISTENS = '0A'
const ADDRESSES: Readonly<Record<string, string>> = {
  '0100007F': '127.0.0.1',
  '00000000000000000000000001000000': '::1',
}

async function socketsOf(pid: number): Promise<string[]> {
  const directory = `/proc/${pid}/fd`
  const names = await readdir(directory).catch(() => [])
  const links = await Promise.all(names.map((name) => readlink(`${directory}/${name}`).catch(() => '')))
  return links.flatMap((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [])
}

function listenersByLsof(pids: readonly number[]): readonly Listener[] {
  const args = ['-nP', '-a', '-iTCP', '-sTCP:LISTEN', '-p', pids.join(','), '-Fn']
  const { stdout } = spawnSync('lsof', args, { encoding: 'utf8' })
  return [...stdout.matchAll(/^n\[?([^\]\n]+?)\]?:(\d+)$/gm)].map(([, address = '', port = '']) => ({
    address,
    port: Number(port),
  }))
}
