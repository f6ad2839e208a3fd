import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createCertificates } from '../../src/certificates/index.ts'
import { isShort, printFigures, serviceName, startApiServers, type Figures } from './api-servers.ts'
import { endpointOf, servingFiles, startWebhooks } from './stage.ts'

// An API server keeps connections that were idle for up to 90 s, and a review that it sends as the other end closes one is lost. Each of
// many connections is idle for some gaps, and all of them together for gaps of each length.

const gaps = isShort ? 500 : 5000
const replicas = 3 // each has some 400 connections, of the 600 that it keeps at most

interface Idle {
  readonly program: string
  readonly arguments: readonly string[]
}

async function overGaps(t: Test, { program, arguments: args }: Idle): Promise<Figures> {
  const { ca, serving } = await createCertificates({ hosts: [serviceName], now: Date.now() })
  const webhooks = await startWebhooks(t)
  const webhook = servingFiles(t.testdir(), serving)
  const started = await Promise.all(
    Array.from({ length: replicas }, () => webhooks.replica({ program, webhook })),
  )
  const apiServers = await startApiServers(t, {
    images: [webhooks.image],
    arguments: ['-connections=1250', '-latency=15ms', ...args],
  })
  apiServers.publish(ca.certificate)
  apiServers.route(started.map(endpointOf))
  apiServers.start()
  return apiServers.end()
}

t.test(`${gaps} reviews after gaps of 0.5 to 95 s`, { timeout: 600_000 }, async t => {
  const program = join(import.meta.dirname, '../../dist/main.js')
  const figures = await overGaps(t, { program, arguments: [`-gaps=${gaps}`] })
  printFigures(t, 'gaps', figures)
  t.strictSame(figures.failures, {}, 'no connection was closed as a review was sent')
  t.ok(figures.posts >= gaps)
})

t.test('a server that closes after five seconds loses reviews', { timeout: 600_000 }, async t => {
  const program = join(import.meta.dirname, 'plain-server.ts')
  // Node.js adds a second of its own.
  const figures = await overGaps(t, { program, arguments: ['-gaps=500', '-shortest=5.9s', '-longest=6.1s'] })
  printFigures(t, 'a server that closes after five seconds', figures)
  t.ok(figures.failed > 0)
})
