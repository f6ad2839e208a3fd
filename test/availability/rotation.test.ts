import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { isShort, printFigures, startApiServers, type Figures } from './api-servers.ts'
import { filesSource, type CertificateSource, type Rotations } from './certificate-source.ts'
import { endpointOf, portOf, startWebhooks } from './stage.ts'

// Authorities and leaves are replaced while two API servers ask, one of which learns of each bundle five seconds late.

const [authorities, leaves] = isShort ? [3, 20] : [20, 200]
const slowest = 6_000 // milliseconds: the five seconds, and one to have new connections
const program = join(import.meta.dirname, 'replica.ts')

/** Asks from before the first rotation until some seconds after the last, and counts what fails. */
async function during(
  t: Test,
  source: CertificateSource,
  rotate: (rotations: Rotations) => Promise<void>,
): Promise<Figures> {
  const webhooks = await startWebhooks(t)
  const replicas = await Promise.all(source.replicas.map(webhook => webhooks.replica({ program, webhook })))
  const apiServers = await startApiServers(t, {
    images: [webhooks.image],
    // One of ten reviews finds no idle connection, as in a burst: open connections would not see a new leaf.
    arguments: ['-servers=0s,5s', '-rate=300', '-fresh=0.1', '-latency=1ms'],
  })
  apiServers.route(replicas.map(endpointOf))
  const rotations = await source.start(apiServers, replicas.map(portOf))
  apiServers.start()
  await sleep(1000)
  await rotate(rotations)
  await sleep(slowest)
  return apiServers.end()
}

t.test(`${authorities} authorities and ${leaves} leaves`, { timeout: 3_600_000 }, async t => {
  const source = filesSource({ directory: t.testdir(), replicas: 2, slowest })
  const figures = await during(t, source, async rotations => {
    let rotated = 0
    for (let authority = 1; authority <= authorities; authority++) {
      await rotations.authority() // with one leaf
      for (rotated++; rotated < (leaves * authority) / authorities; rotated++) await rotations.leaf()
    }
    t.equal(rotated, leaves)
  })
  printFigures(t, 'rotations', figures)
  t.strictSame(figures.failures, {}, 'no review failed')
  t.ok(figures.warned > 0, 'reviews were judged')
})

t.test('with a leaf that comes too early, reviews fail', { timeout: 600_000 }, async t => {
  const source = filesSource({ directory: t.testdir(), replicas: 2, slowest, isHasty: true })
  const figures = await during(t, source, rotations => rotations.authority())
  printFigures(t, 'a leaf that comes too early', figures)
  t.strictSame(Object.keys(figures.failures), ['untrusted'])
})
