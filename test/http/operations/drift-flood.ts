import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

// A process of its own, so that what is measured is the server: pages on many connections, and a probe beside them, until so many
// pages and probes were answered.

const [port = '0', connections = '100', enough = '25'] = process.argv.slice(2)
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) })
const statuses: Record<string, number> = {}
const probes: number[] = []
const goesOn = (): boolean => (statuses['200'] ?? 0) < Number(enough) || probes.length < Number(enough)

function get(path: string, using: Agent | undefined): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  request({ host: '127.0.0.1', port, path, agent: using ?? false }, response => {
    response.resume()
    response.on('end', () => resolve(response.statusCode ?? 0))
  })
    .on('error', reject)
    .end()
  return promise
}

async function readPages(): Promise<void> {
  while (goesOn()) {
    const status = await get('/api/v1/drift?verdict=outdated&limit=1000', agent)
    statuses[status] = (statuses[status] ?? 0) + 1
  }
}

async function probe(): Promise<void> {
  while (goesOn()) {
    const started = performance.now()
    await get('/healthz', undefined)
    probes.push(performance.now() - started)
    await sleep(20)
  }
}

await Promise.all([probe(), ...Array.from({ length: Number(connections) }, readPages)])
agent.destroy()
process.stdout.write(JSON.stringify({ statuses, slowest: Math.max(...probes), probes: probes.length }))
