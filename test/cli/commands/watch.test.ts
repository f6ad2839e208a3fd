import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { freePorts } from '../../support/network/free-ports.ts'
import { startMemoryRegistry } from '../../support/registry/memory-registry.ts'
import { run } from '../run.ts'

const main = join(import.meta.dirname, '../../../src/main.ts')

t.test('it answers without a cluster until it is told to end', async t => {
  const registry = await startMemoryRegistry({ repositories: { 'org/image': ['1.0.0', '1.0.3'] } })
  t.teardown(() => registry.close())
  const [port, operations] = await freePorts(2)
  const file = t.testdir({
    'patchline.yaml': `
operations: { address: 127.0.0.1, port: ${operations} }
api: { address: 127.0.0.1, port: ${port} }
publicRegistries: false
registries: [{ host: '${registry.host}', insecure: true }]
kubernetes: { namespaceLabels: on, policies: on, pullSecrets: on, kubeconfig: there-is-none }
`,
  })
  const child = spawn(execPath, [main, 'watch', '--config', join(file, 'patchline.yaml')])
  let log = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (log += chunk))
  const ended = once(child, 'close')
  while (!log.includes('"watching"')) await new Promise(resolve => setTimeout(resolve, 20))
  const image = `${registry.host}/org/image`
  const response = await fetch(`http://127.0.0.1:${port}/images/${image}/1.0.0`)
  t.strictSame(await response.json(), { tag: '1.0.3', fullImage: `${image}:1.0.3` })
  t.equal((await fetch(`http://127.0.0.1:${operations}/readyz`)).status, 200)
  child.kill('SIGTERM')
  t.strictSame(await ended, [0, null])
})

t.test('why it cannot start', async t => {
  t.match(await run(['watch', '--config', 'none.yaml']), {
    code: 1,
    err: 'patchline: the configuration none.yaml: no such file\n',
  })
  const registry = await startMemoryRegistry()
  t.teardown(() => registry.close())
  const [, port = ''] = registry.host.split(':')
  const text = `{ log: { level: error }, operations: { address: 127.0.0.1, port: 0 }, api: { address: 127.0.0.1, port: ${port} } }`
  t.match(await run(['watch', '--config', 'p.yaml'], { 'p.yaml': text }), {
    code: 1,
    err: `patchline: cannot watch: api.address 127.0.0.1, api.port ${port}: listen EADDRINUSE: address already in use 127.0.0.1:${port}\n`,
  })
})
