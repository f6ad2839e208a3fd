import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { createCertificates } from '../../src/certificates/index.ts'
import type { LocalPatchline } from '../support/program/local-patchline.ts'
import { isShort, printFigures, serviceName, startApiServers, type Figures } from './api-servers.ts'
import { endpointOf, servingFiles, startWebhooks } from './stage.ts'

// Each replica is replaced in turn, as a Deployment with maxSurge 1 and maxUnavailable 0 does, while two API servers ask: the new one
// gets ready, and the old one gets its SIGTERM at the same time as it leaves the endpoints. kube-proxy learns of both late.

const restarts = isShort ? 10 : 100
const grace = 30_000 // milliseconds, after which a kubelet would kill it
/** What drains has a handshake for each review: with more replicas of it at a time, two cores have enough to do with those. */
const mostDraining = 3

interface Outcome {
  readonly figures: Figures
  /** Replicas by how they ended. */
  readonly endings: Readonly<Record<string, number>>
}

async function restart(t: Test, program: string, times: number): Promise<Outcome> {
  const { ca, serving } = await createCertificates({ hosts: [serviceName], now: Date.now() })
  const webhook = { ...servingFiles(t.testdir(), serving), drainSeconds: 10 }
  const webhooks = await startWebhooks(t)
  const start = () => webhooks.replica({ program, webhook, stopGraceMs: grace })
  const replicas = await Promise.all([start(), start()])
  const apiServers = await startApiServers(t, {
    images: [webhooks.image],
    arguments: ['-servers=0s,0s', '-rate=300', '-endpoint-lag=2s-5s', '-latency=2ms', '-fresh=0.02'],
  })
  apiServers.publish(ca.certificate)
  const route = (): void => apiServers.route(replicas.map(endpointOf))
  route()
  apiServers.start()
  const endings: Record<string, number> = {}
  const draining = new Set<Promise<void>>()
  const stop = async (replica: LocalPatchline): Promise<void> => {
    await replica.close()
    const ending = replica.ending() ?? ''
    endings[ending] = (endings[ending] ?? 0) + 1
  }
  for (let done = 0; done < times; done++) {
    replicas.push(await start())
    route()
    const [old] = replicas.splice(0, 1)
    if (old === undefined) throw new Error('there is no replica')
    const stopped = stop(old).finally(() => draining.delete(stopped))
    draining.add(stopped)
    route()
    if (draining.size >= mostDraining) await Promise.race(draining)
  }
  await Promise.all(draining)
  await sleep(1000)
  return { figures: await apiServers.end(), endings }
}

t.test(`${restarts} rolling restarts`, { timeout: 3_600_000 }, async t => {
  const program = join(import.meta.dirname, '../../dist/main.js')
  const { figures, endings } = await restart(t, program, restarts)
  printFigures(t, 'rolling restarts', figures)
  t.strictSame(figures.failures, {}, 'no review was dropped')
  t.strictSame(endings, { 'ended with code 0': restarts }, 'each ended by itself within thirty seconds')
})

t.test('a server that closes at once drops reviews', { timeout: 600_000 }, async t => {
  const { figures } = await restart(t, join(import.meta.dirname, 'plain-server.ts'), 4)
  printFigures(t, 'a server that closes at once', figures)
  t.ok(figures.failed > 0)
})
