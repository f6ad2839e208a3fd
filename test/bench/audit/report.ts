// What the benchmark of the audit measured, side by side.
import type { ClusterCounts } from './cluster.ts'
import type { Expected } from './expected.ts'
import type { LoadSeen } from './load.ts'
import type { RegistryCounts } from './registries.ts'

/** One cycle of the audit; seconds. */
export interface CycleMeasured {
  /** From the process's start, or from the cycle's begin, until everything is judged. */
  readonly total: number
  /** Of these, the judging. */
  readonly judging: number
  /** Until nothing is asked or written any more. */
  readonly quiet: number
  readonly cpu: number
  readonly containers: number
  readonly problems: number
  readonly complete: boolean
  readonly cluster: ClusterCounts
  readonly registries: RegistryCounts
  readonly peakMemory: number
  readonly memory: number
}

/** Everything that was measured. */
export interface AuditMeasured {
  readonly cold: CycleMeasured
  readonly warm: CycleMeasured
  /** Until the process led, and the share of a core that it takes between cycles. */
  readonly startUp: number
  readonly between: number
  readonly load: { readonly idle: LoadSeen; readonly cold: LoadSeen; readonly warm: LoadSeen }
  readonly expected: Expected
}

interface Cells {
  readonly idle?: string
  readonly cold?: string
  readonly warm?: string
}

interface Verdict {
  readonly goal: string
  readonly met: boolean
}

function row(name: string, { idle = '', cold = '', warm = '' }: Cells, verdict?: Verdict): void {
  const [goal, met] = verdict === undefined ? ['', ''] : [verdict.goal, verdict.met ? 'met' : 'NOT MET']
  const cells = [idle, cold, warm].map(cell => cell.padStart(11)).join('')
  console.log(`${name.padEnd(46)}${cells}   ${goal.padEnd(26)} ${met}`.trimEnd())
}

const seconds = (value: number): string => `${value.toFixed(1)} s`
const milliseconds = (value: number): string => `${value.toFixed(2)} ms`
const mebibytes = (value: number): string => `${(value / 1_048_576).toFixed(0)} MiB`
const percent = (value: number): string => `${(Math.floor(value * 100_000) / 1000).toFixed(2)} %`

const mostMemory = 400

/** Prints the table. */
export function printReport(measured: AuditMeasured): void {
  const { cold, warm } = measured
  row('', { idle: 'idle', cold: 'cold', warm: 'warm' })
  console.log('The audit: one process')
  row('start, until it leads', { cold: seconds(measured.startUp) })
  row('time until everything is judged', { cold: seconds(cold.total), warm: seconds(warm.total) })
  row('  of which judging', { cold: seconds(cold.judging), warm: seconds(warm.judging) })
  row('time until nothing is asked or written', { cold: seconds(cold.quiet), warm: seconds(warm.quiet) })
  row('CPU', {
    idle: percent(measured.between),
    cold: seconds(cold.cpu),
    warm: seconds(warm.cpu),
  })
  const peak = Math.max(cold.peakMemory, warm.peakMemory)
  row(
    'most memory (RSS)',
    { cold: mebibytes(cold.peakMemory), warm: mebibytes(warm.peakMemory) },
    { goal: `under ${mostMemory} MiB`, met: peak < mostMemory * 1_048_576 },
  )
  row('memory afterwards', { cold: mebibytes(cold.memory), warm: mebibytes(warm.memory) })
  printFindings(measured)
  printCluster(measured)
  printRegistries(measured)
  printAdmission(measured)
}

function printFindings({ cold, warm, expected }: AuditMeasured): void {
  row(
    'containers judged',
    { cold: String(cold.containers), warm: String(warm.containers) },
    {
      goal: `exactly ${expected.containers}`,
      met: cold.containers === expected.containers && warm.containers === expected.containers,
    },
  )
  const problems = [cold.problems, warm.problems]
  row(
    'problems',
    { cold: String(cold.problems), warm: String(warm.problems) },
    { goal: 'none, complete', met: problems.every(count => count === 0) && cold.complete && warm.complete },
  )
}

function printCluster({ cold, warm, expected }: AuditMeasured): void {
  console.log('Requests to the API server')
  const [first, second] = [cold.cluster, warm.cluster]
  row(
    'pages of lists',
    { cold: String(first['pages'] ?? 0), warm: String(second['pages'] ?? 0) },
    {
      goal: `exactly ${expected.listPages}, 0`,
      met: first['pages'] === expected.listPages && (second['pages'] ?? 0) === 0,
    },
  )
  const names = new Set([...Object.keys(first), ...Object.keys(second)])
  names.delete('pages')
  for (const name of [...names].toSorted())
    row(name, { cold: String(first[name] ?? 0), warm: String(second[name] ?? 0) })
}

function printRegistries({ cold, warm, expected }: AuditMeasured): void {
  console.log('Requests to registries')
  const { repositories, tagPages, digests, moved } = expected
  const line = (name: string, of: keyof RegistryCounts, verdict?: Verdict): void =>
    row(name, { cold: String(cold.registries[of]), warm: String(warm.registries[of]) }, verdict)
  line('pages of tags', 'pages', {
    goal: `exactly ${tagPages}, at most ${repositories}`,
    met: cold.registries.pages === tagPages && warm.registries.pages <= repositories,
  })
  line('tokens: one for each scope', 'tokens', {
    goal: `exactly ${repositories}, at most so`,
    met: cold.registries.tokens === repositories && warm.registries.tokens <= repositories,
  })
  line('HEAD: digests', 'digests', {
    goal: `at most ${digests + moved}`,
    met: cold.registries.digests <= digests + moved && warm.registries.digests <= digests + moved,
  })
  // What a tag runs on stands in its manifest: one GET for each tag in use, and for each that is offered.
  line('GET of manifests', 'indexes', {
    goal: `at most ${digests}, 0`,
    met: cold.registries.indexes <= digests && warm.registries.indexes === 0,
  })
  line('answers of 401: how it wants to be asked', 'challenges')
  line('what is not there', 'wrong', {
    goal: 'none',
    met: cold.registries.wrong + warm.registries.wrong === 0,
  })
  line('connections', 'connections')
  line('notifications', 'notifications')
}

const [most, bound] = [25, 5] // milliseconds

const share = ({ within, requests }: LoadSeen): number => within / requests

function printAdmission({ load: { idle, cold, warm } }: AuditMeasured): void {
  console.log('Admission meanwhile: another process')
  const all = { idle, cold, warm }
  const each = (show: (seen: LoadSeen) => string): Cells =>
    Object.fromEntries(Object.entries(all).map(([name, seen]) => [name, show(seen)]))
  const both = [cold, warm]
  row(
    'reviews',
    each(seen => String(seen.requests)),
  )
  row(
    '  that failed or were not known',
    each(seen => String(seen.failed + seen.ignorant)),
    { goal: 'none', met: both.every(seen => seen.failed + seen.ignorant === 0) },
  )
  row(
    'p50',
    each(seen => milliseconds(seen.p50)),
  )
  row(
    'p99',
    each(seen => milliseconds(seen.p99)),
    {
      goal: 'at most 1.5 times idle',
      met: both.every(seen => seen.p99 <= idle.p99 * 1.5),
    },
  )
  row(
    'p99.9',
    each(seen => milliseconds(seen.p999)),
    {
      goal: 'at most twice idle',
      met: both.every(seen => seen.p999 <= idle.p999 * 2),
    },
  )
  row(
    'longest',
    each(seen => milliseconds(seen.longest)),
    {
      goal: `none above ${most} ms`,
      met: both.every(seen => seen.longest <= most),
    },
  )
  row(
    `within ${bound} ms`,
    each(seen => percent(share(seen))),
    {
      goal: 'at least 99.9 %',
      met: both.every(seen => share(seen) >= 0.999),
    },
  )
  row(
    'the generator itself late: p99.9',
    each(seen => milliseconds(seen.late.p999)),
  )
  row(
    '  longest',
    each(seen => milliseconds(seen.late.longest)),
  )
}
