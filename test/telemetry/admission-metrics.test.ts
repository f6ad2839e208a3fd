import { Registry } from 'prom-client'
import t from 'tap'
import { addAdmissionMetrics } from '../../src/telemetry/admission-metrics.ts'

const name = 'patchline_admission_namespace_decisions_total'

function world() {
  const registry = new Registry()
  const metrics = addAdmissionMetrics(registry)
  const count = (namespace: string, endpoint: 'validate' | 'mutate', decision: string): void =>
    metrics.countInNamespace(namespace, endpoint, decision)
  const lines = async (series = name) =>
    (await registry.metrics()).split('\n').filter(line => line.startsWith(series))
  const countEmergency = (namespace: string, policy: string): void =>
    metrics.countEmergency(namespace, policy)
  return { count, countEmergency, lines }
}

t.test('what people are told is counted by namespace, what passes is not', async t => {
  const { count, lines } = world()
  for (const decision of ['denied', 'denied', 'warned', 'spared', 'unjudged', 'allowed', 'skipped'])
    count('shop', 'validate', decision)
  count('shop', 'mutate', 'patched')
  t.strictSame(await lines(), [
    `${name}{namespace="shop",endpoint="validate",decision="denied"} 2`,
    `${name}{namespace="shop",endpoint="validate",decision="warned"} 1`,
    `${name}{namespace="shop",endpoint="validate",decision="spared"} 1`,
    `${name}{namespace="shop",endpoint="validate",decision="unjudged"} 1`,
    `${name}{namespace="shop",endpoint="mutate",decision="patched"} 1`,
  ])
})

t.test('a flood of names is one series, and takes none from those that were there', async t => {
  const { count, lines } = world()
  count('shop', 'validate', 'denied')
  for (let at = 0; at < 2_000; at++) count(`forged-${at}`, 'validate', 'denied')
  count('shop', 'validate', 'denied')
  const all = await lines()
  t.equal(all.length, 501)
  t.ok(all.includes(`${name}{namespace="shop",endpoint="validate",decision="denied"} 2`))
  t.ok(all.includes(`${name}{namespace="(others)",endpoint="validate",decision="denied"} 1501`))
})

t.test('what no namespace can be called is one too', async t => {
  const { count, lines } = world()
  for (const forged of ['', 'a"b\nc', 'A', 'x'.repeat(64)]) count(forged, 'validate', 'warned')
  t.strictSame(await lines(), [`${name}{namespace="(others)",endpoint="validate",decision="warned"} 4`])
})

const emergencies = 'patchline_break_glass_total'

t.test('emergencies are counted by namespace and policy', async t => {
  const { countEmergency, lines } = world()
  for (const [namespace, policy] of [
    ['shop', 'strict'],
    ['shop', 'strict'],
    ['shop', 'edge'],
    ['a"b', 'strict'],
  ] as const)
    countEmergency(namespace, policy)
  t.strictSame(await lines(emergencies), [
    `${emergencies}{namespace="shop",policy="strict"} 2`,
    `${emergencies}{namespace="shop",policy="edge"} 1`,
    `${emergencies}{namespace="(others)",policy="strict"} 1`,
  ])
})

t.test('a flood of namespaces and policies is one series', async t => {
  const { countEmergency, lines } = world()
  countEmergency('shop', 'strict')
  for (let at = 0; at < 2_000; at++) countEmergency(`made-${at % 40}`, `policy-${at}`)
  countEmergency('shop', 'strict')
  const all = await lines(emergencies)
  t.equal(all.length, 501)
  t.ok(all.includes(`${emergencies}{namespace="shop",policy="strict"} 2`))
  t.ok(all.includes(`${emergencies}{namespace="(others)",policy="(others)"} 1501`))
})
