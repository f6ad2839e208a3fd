import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { parse } from 'yaml'
import { createAuditLog } from './audit-log.ts'
import { startControlPlane } from './control-plane.ts'
import { must, toolsFor, until } from './tools.ts'

// What the API server itself saw of writes, with its own clock.
const auditLog = createAuditLog({ verbs: ['patch'], resources: [{ group: '', resources: ['configmaps'] }] })
t.teardown(() => auditLog.remove())
const cluster = await startControlPlane({ apiServerArguments: auditLog.apiServerArguments })
t.teardown(() => cluster.close())

interface Candidate {
  readonly identity: string
  readonly child: ChildProcess
  /** What it said, with its own clock, which is ours. */
  readonly said: { readonly at: number; readonly what: string }[]
}

function start(identity: string): Candidate {
  const script = fileURLToPath(new URL('leader-process.ts', import.meta.url))
  const node = ['--pdeathsig', 'KILL', '--', process.execPath, script, cluster.kubeconfig, identity]
  const child = spawn('setpriv', node, { stdio: ['ignore', 'pipe', 'inherit'] })
  const said: Candidate['said'][number][] = []
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) said.push({ at: Number(line.split(' ')[0]), what: line.replace(/^\d+ /, '') })
  })
  t.teardown(() => child.kill('SIGKILL'))
  return { identity, child, said }
}

const hasSaid = (candidate: Candidate, what: string) => candidate.said.some(one => one.what === what)
const whenSaid = (candidate: Candidate, what: string) =>
  candidate.said.findLast(one => one.what === what)?.at ?? Number.NaN

/** When writes of a candidate reached the API server. */
const writesOf = ({ identity }: Candidate): readonly number[] =>
  auditLog
    .lines()
    .filter(line => line.includes(`/configmaps/${identity}?`))
    .map(line => Date.parse(String(parse(line).requestReceivedTimestamp)))

const lease = async () => {
  const { stdout } = await must(toolsFor(cluster).kubectl('get lease patchline-test -o json'))
  return parse(stdout).spec
}

let leading = start('one')
await until('an election', async () => hasSaid(leading, 'elected'))
const times = await lease()

await t.test('the API server takes its times', t => {
  t.match(times, { holderIdentity: 'one', leaseDurationSeconds: 15, leaseTransitions: 0 })
  t.match(times.renewTime, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/)
  t.end()
})

await t.test('a leader killed with -9 is replaced within 17 seconds', async t => {
  const next = start('two')
  await until('the second one', async () => hasSaid(next, 'started'))
  await until('a write', async () => writesOf(leading).length > 10)
  t.notOk(hasSaid(next, 'elected'))
  const killed = Date.now()
  leading.child.kill('SIGKILL')
  await until('the other leader', async () => hasSaid(next, 'elected'))
  const took = whenSaid(next, 'elected') - killed
  t.comment(`replaced after ${took} ms`)
  t.ok(took <= 17_000, `${took} ms`)
  t.ok(took >= 10_000, 'not before a leader that only hangs would have stopped')
  t.match(await lease(), { holderIdentity: 'two', leaseTransitions: 1 })
  leading = next
})

await t.test('one that was stopped for 30 seconds writes nothing when it wakes', async t => {
  const next = start('three')
  await until('the third one', async () => hasSaid(next, 'started'))
  const before = writesOf(leading).length
  await until('more writes', async () => writesOf(leading).length > before + 10)
  leading.child.kill('SIGSTOP')
  const stopped = Date.now()
  await until('the other leader', async () => hasSaid(next, 'elected'))
  await sleep(stopped + 30_000 - Date.now())
  const woken = Date.now()
  leading.child.kill('SIGCONT')
  await until('it notices', async () => hasSaid(leading, 'lost'))
  // Two retry periods of the election, in which it could take it up again.
  await sleep(5_000)
  const writes = writesOf(leading)
  t.comment(
    `${writes.length} writes before; noticed ${whenSaid(leading, 'lost') - woken} ms after it woke; ` +
      `${leading.said.filter(({ what }) => what === 'superseded').length} held back with a connection made`,
  )
  t.strictSame(
    writes.filter(at => at > stopped + 1_000),
    [],
  )
  const first = Math.min(...writesOf(next))
  t.ok(first > Math.max(...writes), 'never two at a time')
  t.match(await lease(), { holderIdentity: 'three', leaseTransitions: 2 })
  leading.child.kill('SIGTERM')
  await once(leading.child, 'exit')
  leading = next
})

await t.test('SIGTERM gives the lease back within 3 seconds, and the next one leads at once', async t => {
  const next = start('four')
  await until('the fourth one', async () => hasSaid(next, 'started'))
  const ended = Date.now()
  leading.child.kill('SIGTERM')
  await until('it has closed', async () => hasSaid(leading, 'closed'))
  t.ok(whenSaid(leading, 'closed') - ended <= 3_000, `${whenSaid(leading, 'closed') - ended} ms`)
  await until('the next leader', async () => hasSaid(next, 'elected'))
  t.comment(
    `closed after ${whenSaid(leading, 'closed') - ended} ms, led after ${whenSaid(next, 'elected') - ended} ms`,
  )
  t.ok(whenSaid(next, 'elected') - ended <= 5_000)
  next.child.kill('SIGTERM')
  await once(next.child, 'exit')
  t.match(await lease(), { holderIdentity: '', leaseDurationSeconds: 1 })
})
