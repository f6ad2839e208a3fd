import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { kubeConfigSource } from '../../../src/app/parts/access.ts'
import { readConfig } from '../../../src/config/index.ts'

t.test('a kubeconfig is read when it is asked for, and once', async t => {
  const path = join(t.testdir(), 'kubeconfig')
  const text = `kubernetes: { kubeconfig: '${path}' }`
  const config = readConfig(text, { environment: {}, baseDirectory: '/', readFile: () => '' })
  const source = kubeConfigSource(config)
  writeFileSync(
    path,
    JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: 'https://127.0.0.1:1' } }],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
      users: [{ name: 'a', user: {} }],
      'current-context': 'a',
    }),
  )
  const first = await source()
  writeFileSync(path, 'broken: [')
  t.equal(await source(), first)
  await t.rejects(kubeConfigSource(config)(), { code: 'no-config' })
})
