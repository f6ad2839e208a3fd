/**
 * What Patchline costs beside the least that a webhook can do: the same review through `/validate` and through a bare
 * `node:https` server that parses it and answers the same bytes: `npm run bench:admission -- [--rounds N] [--seconds S]`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createCertificates } from '../../../src/certificates/index.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'
import { startServer, stayOnCore, type ServerProcess } from './child.ts'
import { askOnce, openGenerator, type Target } from './load.ts'
import { reportOf, type Measurement, type Round } from './report.ts'
import { benchReview, currentImages, outdatedImages, repositories } from './review.ts'

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '7' }, seconds: { type: 'string', default: '2' } },
})
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)]
if (!Number.isInteger(rounds) || rounds < 1 || !(seconds > 0))
  throw new Error('--rounds takes a whole number, --seconds a number, both above 0')

const connections = 16
const warmUpSeconds = 0.3
const firstWarmUpSeconds = 4 // until V8 has compiled everything, its own threads having a core to share
const busy = 0.5 // load average from which other processes' time slices show in p99
const [serverCore, loadCore] = [0, 1]

/** One kind of review and the two servers that answer it. */
interface Contest {
  readonly title: string
  readonly goal: number | undefined
  readonly product: Contestant
  readonly bare: Contestant
  readonly rounds: Round[]
}

interface Contestant {
  readonly server: ServerProcess
  readonly target: Target
}

const directory = mkdtempSync(join(tmpdir(), 'patchline-bench-'))
const file = (name: string): string => join(directory, name)
const registry = await startMemoryRegistry({ repositories })
const servers: ServerProcess[] = []
try {
  const [load = 0] = loadavg()
  if (load > busy)
    console.log(`warning: load average ${load.toFixed(2)}: other processes take turns, p99 says little\n`)
  await bench()
} finally {
  for (const server of servers) await server.close()
  await registry.close()
  rmSync(directory, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  const core = pinnedCore()
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
  writeFileSync(file('tls.crt'), serving.certificate)
  writeFileSync(file('tls.key'), serving.key, { mode: 0o600 })
  writeFileSync(file('config.yaml'), configText())
  const argv = [file('config.yaml')]
  const product = await startServer({ script: 'product.ts', argv, core })
  servers.push(product)
  const prepare = async (
    kind: string,
    body: string,
    warnings: number,
  ): Promise<Omit<Contest, 'title' | 'goal'>> => {
    const ofProduct = { server: product, target: { port: product.port, authority: ca.certificate, body } }
    const answer = await warmAnswer(ofProduct.target, warnings)
    writeFileSync(file(kind), answer)
    const pair = [file('tls.crt'), file('tls.key'), file(kind)]
    const server = await startServer({ script: 'bare.ts', argv: pair, core })
    servers.push(server)
    const bare = { server, target: { ...ofProduct.target, port: server.port } }
    await assertSameAnswers(ofProduct.target, bare.target)
    return { product: ofProduct, bare, rounds: [] }
  }
  const contests: readonly Contest[] = [
    {
      title: 'Both images outdated: two warnings, an audit annotation and a log line for each review',
      goal: 1.25,
      ...(await prepare('outdated', benchReview(outdatedImages), 2)),
    },
    {
      title: 'Both images current: no log line',
      goal: undefined,
      ...(await prepare('current', benchReview(currentImages), 0)),
    },
  ]
  for (const { product, bare } of contests)
    for (const contestant of [product, bare]) await measure(contestant, firstWarmUpSeconds)
  for (let round = 0; round < rounds; round++) await playRound(contests, round % 2 === 1)
  report(contests, product.lines())
}

// In every other round everything comes in reverse, so that neither server always has the later, warmer place.
async function playRound(contests: readonly Contest[], reversed: boolean): Promise<void> {
  for (const contest of reversed ? contests.toReversed() : contests) {
    const { product, bare } = contest
    const [first, second] = reversed ? [bare, product] : [product, bare]
    const [one, other] = [await measure(first, seconds), await measure(second, seconds)]
    contest.rounds.push(reversed ? { product: other, bare: one } : { product: one, bare: other })
  }
}

/** Load on one server alone; its handshakes are not counted. */
async function measure({ server, target }: Contestant, duration: number): Promise<Measurement> {
  const generator = await openGenerator(target, connections)
  await generator.run(warmUpSeconds)
  const before = await server.cpu()
  const { requests, seconds: took, p50, p99 } = await generator.run(duration)
  const used = (await server.cpu()) - before
  generator.close()
  return { cpuPerRequest: used / requests, requestsPerSecond: requests / took, p50, p99 }
}

/** The answer once the tags are in memory. */
async function warmAnswer(target: Target, warnings: number): Promise<string> {
  await askOnce(target)
  const { body } = await askOnce(target)
  const answer: { readonly response: { readonly warnings?: readonly string[] } } = JSON.parse(body)
  if ((answer.response.warnings ?? []).length === warnings) return body
  throw new Error(`expected ${warnings} warnings: ${body}`)
}

async function assertSameAnswers(one: Target, other: Target): Promise<void> {
  const [expected, found] = [JSON.stringify(await askOnce(one)), JSON.stringify(await askOnce(other))]
  if (expected !== found) throw new Error(`the answers differ:\n${expected}\n${found}`)
}

/** The core for servers; this process, which makes the load, takes the other one. */
function pinnedCore(): number | undefined {
  if (availableParallelism() >= 2 && stayOnCore(loadCore)) return serverCore
  console.log('warning: no second core or no taskset: nothing is pinned, servers and load share processors\n')
  return undefined
}

function configText(): string {
  return `
webhook: { address: 127.0.0.1, port: 0, certificateFile: tls.crt, keyFile: tls.key }
operations: { address: 127.0.0.1, port: 0 }
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
kubernetes: { namespaceLabels: off, policies: off }
log: { level: info }
`
}

function report(contests: readonly Contest[], lines: number): void {
  const size = contests.map(({ product }) => Buffer.byteLength(product.target.body))
  console.log(
    `node ${process.version}, Deployment review of ${[...new Set(size)].join(' and ')} bytes, ${connections} connections, ` +
      `${rounds} rounds of ${seconds} s, best / median; ${lines} log lines written\n`,
  )
  for (const contest of contests) console.log(`${reportOf(contest)}\n`)
}
