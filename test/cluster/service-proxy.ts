import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The way from an API server to a Service whose pods run outside of the cluster. */
export interface ServiceProxy {
  /** For the command line of the API server. */
  readonly apiServerArguments: readonly string[]
  /** Leads connections to any Service to a port of this machine from now on, and cuts those that are open. */
  leadTo(port: number): void
  close(): Promise<void>
}

/**
 * Starts a proxy that the API server is told to reach Services through (its egress selector). It asks for the Service by its name and
 * expects the certificate of that name, as in a cluster with a network.
 */
export async function startServiceProxy(): Promise<ServiceProxy> {
  const directory = await mkdtemp(join(tmpdir(), 'patchline-proxy-'))
  const socketFile = join(directory, 'socket')
  const configuration = join(directory, 'egress.yaml')
  const cluster = {
    name: 'cluster',
    connection: { proxyProtocol: 'HTTPConnect', transport: { uds: { udsName: socketFile } } },
  }
  const selector = { apiVersion: 'apiserver.k8s.io/v1beta1', kind: 'EgressSelectorConfiguration' }
  await writeFile(configuration, JSON.stringify({ ...selector, egressSelections: [cluster] }))
  const open = new Set<Socket>()
  // Port 1 has no server.
  let target = 1
  const proxy: ServiceProxy = {
    apiServerArguments: [`--egress-selector-config-file=${configuration}`],
    leadTo(port) {
      target = port
      for (const socket of open) socket.destroy()
    },
    async close() {
      server.close()
      for (const socket of open) socket.destroy()
      await rm(directory, { recursive: true, force: true })
    },
  }
  const server = createServer().on('connect', (_request, client: Socket) => {
    const upstream = connect(target, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(socket)
      socket.on('error', () => other.destroy()).on('close', () => open.delete(socket))
    }
  })
  server.listen(socketFile)
  await once(server, 'listening')
  return proxy
}
