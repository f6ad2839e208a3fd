/**
 * An audit of a large cluster beside an admission webhook, against stand-ins for the API server and the registries, each in a
 * process of its own: `npm run bench:audit -- [--workloads N] [--repositories N] [--tags N] [--rate N] [--idle S] [--minutes M] [--reports]
 * [--held] [--no-secrets] [--share-core] [--ahead] [--profile DIRECTORY]`. In the warm cycle every list is asked for again, with `--held`
 * none is, and what the first one found is still being written as Events, at their pace. With `--no-secrets` neither service accounts nor
 * pull secrets may be read, as the manifests come; `--ahead` (root) has other programs of the machine wait. Seven minutes with 20,000
 * workloads on two cores.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { createCertificates } from '../../../src/certificates/index.ts'
import { selfSigned } from '../../support/registry/registry-certificate.ts'
import { stayOnCore } from '../admission/child.ts'
import { askOnce } from '../admission/load.ts'
import { benchReview } from '../admission/review.ts'
import type { ClusterJob, ClusterMessage } from './cluster.ts'
import { hostLimits, writeConfigs } from './config.ts'
import { expectedOf } from './expected.ts'
import { createTally, startHelper, type Helper, type Tally } from './helpers.ts'
import type { LoadJob, LoadSeen } from './load.ts'
import { startPatchline, type LogLine, type MeasuredProcess, type ProcessStart } from './process.ts'
import { setNiceness, type Place } from './place.ts'
import type { RegistriesJob, RegistriesMessage } from './registries.ts'
import { printReport, type CycleMeasured } from './report.ts'
import { bundleCode } from '../../../scripts/bundle-code.ts'
import { imageOf, podsPerWorkload, registryHosts, type WorldSize } from './world.ts'

const { values } = parseArgs({
  options: {
    workloads: { type: 'string', default: '20000' },
    repositories: { type: 'string', default: '5000' },
    tags: { type: 'string', default: '2000' },
    rate: { type: 'string', default: '300' },
    idle: { type: 'string', default: '40' },
    minutes: { type: 'string', default: '3' },
    reports: { type: 'boolean', default: false },
    held: { type: 'boolean', default: false },
    'no-secrets': { type: 'boolean', default: false },
    ahead: { type: 'boolean', default: false },
    'share-core': { type: 'boolean', default: false },
    profile: { type: 'string' },
  },
})
const size: WorldSize = {
  workloads: Number(values.workloads),
  repositories: Number(values.repositories),
  tags: Number(values.tags),
}
const [rate, idle, minutes] = [Number(values.rate), Number(values.idle), Number(values.minutes)]
if (![...Object.values(size), rate, idle, minutes].every(value => value > 0))
  throw new Error('--workloads, --repositories, --tags, --rate, --idle and --minutes take numbers above 0')

/** The audit shares its core with the stand-ins, the webhook its own with the generator; or the two share one, as on a full node. */
const cores = values['share-core']
  ? { audit: 0, webhook: 0, standIns: 1, generator: 1 }
  : { audit: 0, webhook: 1, standIns: 0, generator: 1 }
type Role = keyof typeof cores
const latency = { cluster: 20, registries: 30 }
/** Of those under test where other programs of the machine are to wait. */
const ahead = -10
// The stand-ins wait behind those under test, and what measures waits for nobody.
const niceness: Readonly<Record<Role, number>> = { audit: 0, webhook: 0, standIns: 5, generator: -5 }
const warmUpSeconds = 10
const differentReviews = 100

const directory = mkdtempSync(join(tmpdir(), 'bench-audit-'))
const helpers: Helper[] = []
const commands: MeasuredProcess[] = []
const coreCount = availableParallelism()
const isPinned = coreCount > 1 && stayOnCore(cores.standIns)
const isAhead = values.ahead && setNiceness(process.pid, ahead)
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1))
const main = join(directory, 'main.js')
try {
  await bundleCode(join(import.meta.dirname, '../../..'), directory) // as the image has it
  await bench()
} finally {
  for (const command of commands) await command.close()
  for (const helper of helpers) helper.stop()
  rmSync(directory, { recursive: true, force: true })
}

async function bench(): Promise<void> {
  describe()
  const tls = selfSigned({ names: ['localhost'] })
  const [cluster, registries, generator] = [
    helper('cluster.ts', 'standIns'),
    helper('registries.ts', 'standIns'),
    helper('load.ts', 'generator'),
  ]
  const job: ClusterJob = {
    ...size,
    ...tls,
    latency: latency.cluster,
    reports: values.reports,
    secrets: !values['no-secrets'],
  }
  const clusterReady = await cluster.ask<ClusterMessage>({ ...job })
  const hosts: RegistriesJob = { ...tls, ...size, hosts: registryHosts, latency: latency.registries }
  const registriesReady = await registries.ask<RegistriesMessage>({ ...hosts })
  if (!('port' in clusterReady) || !('ports' in registriesReady)) throw new Error('no ports')
  const { ports } = registriesReady
  const { ca, serving } = await createCertificates({ hosts: ['127.0.0.1'], now: Date.now() })
  writeFileSync(join(directory, 'tls.crt'), serving.certificate)
  writeFileSync(join(directory, 'tls.key'), serving.key, { mode: 0o600 })
  const files = writeConfigs({
    directory,
    apiPort: clusterReady.port,
    registryPorts: ports,
    ca: tls.cert,
    interval: minutes,
    tags: mostTags(),
    refreshAfter: values.held ? 24 * 60 : minutes * 0.85,
  })
  const load = await loadWebhook(generator, { config: files.serve, authority: ca.certificate })
  const atIdle = await stretch('idle', load, () => sleep(idle * 1000))
  const tally = createTally(cluster, registries)
  await tally.take()
  const hook = `https://localhost:${ports[0]}/hook`
  await auditBeside(load, { tally, atIdle, config: files.audit, hook })
}

function describe(): void {
  const { workloads, repositories } = size
  const { requestsPerSecond, concurrency } = hostLimits
  console.log(
    `node ${process.version}; ${workloads} workloads, ${workloads * podsPerWorkload} pods, ${repositories} repositories of ${size.tags} tags on ` +
      `${registryHosts} hosts that allow ${requestsPerSecond} requests a second, ${concurrency} at a time; latency ${latency.cluster} and ` +
      `${latency.registries} ms; PolicyReports ${values.reports ? 'known' : 'unknown'}, pull secrets ${values['no-secrets'] ? 'not to be read' : 'read'}; a cycle each ${minutes} min, in the second one ${values.held ? 'nothing' : 'every list'} is asked for again, ` +
      'and Events are still being written',
  )
  const places = values['share-core']
    ? 'audit and webhook on one, everything else on the other'
    : 'audit and stand-ins on one, webhook and generator on the other'
  const order = isAhead ? ', all before other programs' : ''
  const load = loadavg()[0]?.toFixed(1)
  console.log(
    `${coreCount} cores, ${isPinned ? places : 'NOT pinned'}${order}; load average at the start ${load}\n`,
  )
}

function placeOf(role: Role): Place {
  return { core: isPinned ? cores[role] : undefined, niceness: niceness[role] + (isAhead ? ahead : 0) }
}

/** Room for all: what does not fit is asked for again by the next workload that has it. */
function mostTags(): number {
  return Math.max(2_000_000, Math.ceil(size.repositories * (size.tags + 100) * 1.05))
}

function helper(script: string, role: Role): Helper {
  const started = startHelper(script, placeOf(role))
  helpers.push(started)
  return started
}

function command(
  role: 'audit' | 'webhook',
  argv: readonly string[],
  more: Partial<ProcessStart> = {},
): MeasuredProcess {
  // As the Dockerfile and the manifests have it.
  const node = ['--max-semi-space-size=4', '--max-old-space-size=384', ...(more.node ?? [])]
  const environment = { POD_NAMESPACE: 'patchline-system', ...more.environment }
  const started = startPatchline({ main, argv, node, environment, place: placeOf(role) })
  commands.push(started)
  return started
}

function say(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`)
}

/** Gives what was seen since it was last asked. */
type Load = () => Promise<LoadSeen>

interface Webhook {
  readonly config: string
  readonly authority: string
}

/** Starts the webhook, has it look up what it will be asked, and puts it under load. */
async function loadWebhook(generator: Helper, { config, authority }: Webhook): Promise<Load> {
  const server = command('webhook', ['serve', '--config', config])
  const port = Number((await server.line('serving'))['webhookPort'])
  const bodies = Array.from({ length: differentReviews }, (_, at) => {
    const [web, proxy] = [imageOf(at * 3 + 1, size).image, imageOf(at * 3 + 2, size).image]
    return benchReview({ web, proxy })
  })
  // The second time everything is known.
  for (const body of [...bodies, ...bodies])
    // oxlint-disable-next-line eslint/no-await-in-loop -- one after the other
    await askOnce({ port, authority, body })
  const job: LoadJob = { port, ca: authority, bodies, perSecond: rate }
  await generator.ask<string>({ ...job })
  const seen: Load = () => generator.ask<LoadSeen>('seen')
  await stretch('warming up', seen, () => sleep(warmUpSeconds * 1000))
  return seen
}

async function stretch(name: string, load: Load, work: () => Promise<unknown>): Promise<LoadSeen> {
  await load()
  say(name)
  await work()
  return load()
}

interface Beside {
  readonly tally: Tally
  readonly atIdle: LoadSeen
  readonly config: string
  readonly hook: string
}

/** Runs an audit through its first two cycles, and prints what they cost. */
async function auditBeside(load: Load, { tally, atIdle, config, hook }: Beside): Promise<void> {
  await load()
  say('the first cycle')
  const begun = performance.now()
  const node = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`]
  const audit = command('audit', ['audit', '--config', config], { node, environment: { HOOK: hook } })
  await audit.line('leading')
  const startUp = (performance.now() - begun) / 1000
  const cold = await cycle(audit, tally, { begun, cpu: 0 })
  const atCold = await load()
  say('between two cycles, while Events are written')
  const [from, cpuFrom] = [performance.now(), audit.cpu()]
  await sleep(10_000)
  const share = (audit.cpu() - cpuFrom) / ((performance.now() - from) / 1000)
  await load()
  const warm = await cycle(audit, tally, { begun: undefined, cpu: audit.cpu(), share })
  const atWarm = await load()
  for (const complaint of audit.complaints.slice(0, 10)) say(complaint)
  const expected = expectedOf(size)
  const admission = { idle: atIdle, cold: atCold, warm: atWarm }
  printReport({ cold, warm, startUp, between: share, load: admission, expected })
}

interface Begin {
  /** Undefined: when the cycle says that it began. */
  readonly begun: number | undefined
  readonly cpu: number
  /** Of a core, that it takes anyway. */
  readonly share?: number
}

async function cycle(
  audit: MeasuredProcess,
  tally: Tally,
  { begun, cpu, share = 0 }: Begin,
): Promise<CycleMeasured> {
  const from = performance.now()
  const line = await audit.line('audited')
  const judged = performance.now()
  const judging = numberIn(line, 'seconds')
  say(`${numberIn(line, 'containers')} containers judged`)
  const start = begun ?? judged - judging * 1000
  const quietAt = await tally.quiet()
  const waited = (performance.now() - from) / 1000
  const { peak, now } = audit.memory()
  return {
    total: (judged - start) / 1000,
    judging,
    quiet: (quietAt - start) / 1000,
    cpu: audit.cpu() - cpu - waited * share,
    containers: numberIn(line, 'containers'),
    problems: numberIn(line, 'problems'),
    complete: line['complete'] === true,
    ...(await tally.take()),
    peakMemory: peak,
    memory: now,
  }
}

function numberIn(line: LogLine, key: string): number {
  return Number(line[key])
}
