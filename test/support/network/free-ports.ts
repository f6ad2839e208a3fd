import { once } from 'node:events'
import { createServer } from 'node:net'

/** Loopback ports that nobody listens on, all different; for programs that cannot choose and report one themselves. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'))
  await Promise.all(servers.map(server => once(server, 'listening')))
  const ports = servers.map(server => portOf(server.address()))
  await Promise.all(servers.map(server => once(server.close(), 'close')))
  return ports
}

function portOf(address: ReturnType<ReturnType<typeof createServer>['address']>): number {
  if (address === null || typeof address === 'string')
    throw new Error(`not a TCP address: ${String(address)}`)
  return address.port
}
