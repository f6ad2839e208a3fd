import t from 'tap'
import { composeReaders, metricsLevelOf } from '../../../src/app/audit/readers.ts'
import { readConfig } from '../../../src/config/index.ts'
import { loadKubeConfig } from '../../../src/kubernetes/index.ts'
import { createLogger } from '../../../src/telemetry/index.ts'
import { answer, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

const server = await startApiServer(answer(201, { status: {} }))
t.teardown(() => server.close())
const kubeConfig = await loadKubeConfig({ path: server.kubeconfig(t.testdir()) })

t.test('what names workloads is shown to who may read it, or on the machine itself', async t => {
  const rows = [
    // address, authentication, metrics -> the report is off, readers are asked for, level of the series
    ['0.0.0.0', 'off', 'workload', true, false, 'namespace'],
    ['0.0.0.0', 'off', 'namespace', true, false, 'namespace'],
    ['0.0.0.0', 'off', 'off', true, false, 'off'],
    ['::', 'off', 'workload', true, false, 'namespace'],
    ['10.127.0.1', 'off', 'workload', true, false, 'namespace'],
    ['127.0.0.1', 'off', 'workload', false, false, 'workload'],
    ['127.9.9.9', 'off', 'workload', false, false, 'workload'],
    ['::1', 'off', 'workload', false, false, 'workload'],
    ['localhost', 'off', 'workload', false, false, 'workload'],
    ['0.0.0.0', 'kubernetes', 'workload', false, true, 'workload'],
    ['127.0.0.1', 'kubernetes', 'workload', false, true, 'workload'],
    ['0.0.0.0', 'tokens', 'workload', false, true, 'workload'],
  ] as const
  for (const [address, authentication, metrics, isOff, isAsked, level] of rows) {
    const config = readConfig(
      `{ operations: { address: '${address}', authentication: '${authentication}' }, audit: { metrics: '${metrics}' }, api: { tokens: [{ name: a, tokenFrom: { environment: T } }] } }`,
      { environment: { T: 't'.repeat(20) }, baseDirectory: '/', readFile: () => '' },
    )
    const readers = await composeReaders(config, { log: createLogger({ level: 'error' }), kubeConfig })
    t.equal(readers.isOff, isOff, `${address} ${authentication}`)
    t.equal(readers.access.access !== undefined, isAsked, `${address} ${authentication}`)
    t.equal(metricsLevelOf(config), level, `${address} ${authentication} ${metrics}`)
    if (isAsked) t.equal(await readers.access.access?.mayRead('made-up', '/metrics'), 'unauthenticated')
  }
})
