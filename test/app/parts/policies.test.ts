import { join } from 'node:path'
import t, { type Test } from 'tap'
import { kubeConfigSource } from '../../../src/app/parts/access.ts'
import { createShutdown } from '../../../src/app/process/lifecycle.ts'
import { composePolicies } from '../../../src/app/parts/policies.ts'
import { readConfig } from '../../../src/config/index.ts'
import { createLogger } from '../../../src/telemetry/index.ts'
import { startApiServer, until } from '../../support/kubernetes/fake-api-server.ts'
import { FakeThings } from '../../support/kubernetes/fake-things.ts'

const directory = t.testdir()

/** What a configuration composes; `kubernetes` is YAML. */
async function composed(t: Test, kubernetes: string, searchPath = join(directory, 'none')) {
  const config = readConfig(`kubernetes: ${kubernetes}`, {
    environment: { KUBECONFIG: searchPath },
    baseDirectory: directory,
    readFile: () => '',
  })
  const shutdown = createShutdown()
  t.teardown(() => shutdown.run())
  const log = createLogger({ level: 'error' })
  return composePolicies(config, { log, kubeConfig: kubeConfigSource(config), namespaces: [] }, shutdown)
}

t.test('without a cluster there are none, unless the configuration insists', async t => {
  t.equal(await composed(t, '{ policies: auto }'), undefined)
  t.equal(await composed(t, '{}'), undefined)
  t.equal(await composed(t, '{ policies: off, kubeconfig: none }'), undefined)
  for (const kubernetes of ['{ policies: on }', '{ kubeconfig: none }'])
    await t.rejects(composed(t, kubernetes), { code: 'no-config' }, kubernetes)
})

t.test('those of the cluster are watched', async t => {
  const things = new FakeThings()
  const server = await startApiServer(things.handler)
  t.teardown(() => server.close())
  const path = '/apis/patchline.dev/v1alpha1/patchpolicies'
  things.set(path, { metadata: { name: 'production' }, spec: { mode: 'enforce' } })
  const policies = await composed(t, '{}', server.kubeconfig(t.testdir()))
  await policies?.start()
  t.match(policies?.policies(), [{ name: 'production', mode: 'enforce' }])
  t.ok(Math.abs(Date.now() - (policies?.now() ?? 0)) < 60_000)
  things.set(path, { metadata: { name: 'broken' }, spec: { mode: 'loud' } })
  await until(() => policies?.objects().policies.length === 2)
})
