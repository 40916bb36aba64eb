import { createServer } from 'node:net'
import { KeeperError } from '../../lambdas/core/errors.ts'

/** The addresses that a server on the same port could hold; a free port is free on all of them. */
const ADDRESSES = ['127.0.0.1', '0.0.0.0', '::']

/** Below the ports that systems hand to outgoing connections (32768 on Linux), so none of those takes it meanwhile. */
const RANGE = { first: 20_000, count: 12_000 }

/** Whether nothing on this machine listens on a TCP port. */
export async function isPortFree(port: number): Promise<boolean> {
  for (const address of ADDRESSES) {
    if (!(await canListen(port, address))) return false
  }
  return true
}

/** `preferred` where it is free, else any free port; with `last`, one after `preferred` up to that one. */
export async function freePort(preferred?: number, last?: number): Promise<number> {
  if (preferred !== undefined && (await isPortFree(preferred))) return preferred
  if (preferred !== undefined && last !== undefined) return freePortUpTo(preferred, last)
  for (;;) {
    const port = RANGE.first + Math.floor(Math.random() * RANGE.count)
    if (await isPortFree(port)) return port
  }
}

/** At random, so that two programs that look at the same time seldom find the same one. */
async function freePortUpTo(first: number, last: number): Promise<number> {
  const tried = Array.from({ length: last - first }, (_, index) => first + 1 + index)
  while (tried.length > 0) {
    const [port = last] = tried.splice(Math.floor(Math.random() * tried.length), 1)
    if (await isPortFree(port)) return port
  }
  throw new KeeperError('port_taken', `All ports from ${first} to ${last} are taken by other programs.`)
}

/**
 * `preferred` where it is free, else another, said through `progress`.
 * @param name what will listen there, as the reader knows it: "Kafka"
 */
export async function portFor(
  name: string,
  preferred: number,
  progress: (line: string) => void,
  last?: number,
): Promise<number> {
  const port = await freePort(preferred, last)
  if (port !== preferred) progress(`Port ${preferred} is taken by another program: ${name} uses ${port}.`)
  return port
}

/** A port that is listened on until its server comes. */
export interface HeldPort {
  readonly port: number
  /** Gives it to whoever listens next. */
  release(): Promise<number>
}

/**
 * As `portFor`, for a port whose number must be known long before its server listens: meanwhile nobody else gets it, such as
 * a run that starts at the same time.
 */
export async function heldPort(
  name: string,
  preferred: number,
  progress: (line: string) => void,
): Promise<HeldPort> {
  for (;;) {
    const port = await portFor(name, preferred, progress)
    const server = createServer()
    const isHeld = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false))
      server.listen({ port, host: '127.0.0.1' }, () => resolve(true))
    })
    if (!isHeld) continue
    let released: Promise<number> | undefined
    const release = () => {
      released ??= new Promise((resolve) => server.close(() => resolve(port)))
      return released
    }
    return { port, release }
  }
}

/**
 * The port that an option asks for.
 * @param option without its dashes: `kafka-port`
 * @throws KeeperError `port_taken`: no other port will do
 */
export async function fixedPort(option: string, port: number): Promise<number> {
  if (await isPortFree(port)) return port
  throw new KeeperError(
    'port_taken',
    `--${option} is ${port}, and another program listens there. Stop it, or use another port.`,
  )
}

const canListen = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    // Without IPv6 the address itself is missing, which says nothing about the port.
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRNOTAVAIL' || error.code === 'EAFNOSUPPORT'),
    )
    server.listen({ port, host }, () => server.close(() => resolve(true)))
  })
