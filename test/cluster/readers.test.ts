import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { parse } from 'yaml'
import { createReadAccess, loadKubeConfig } from '../../src/kubernetes/index.ts'
import { startControlPlane } from './control-plane.ts'
import { must, toolsFor, until } from './tools.ts'

// What `operations.authentication: kubernetes` asks, with the rights of the manifests and of nobody else.

const cluster = await startControlPlane()
t.teardown(() => cluster.close())

const { kubectl, create } = toolsFor(cluster)
const run = (args: string) => must(kubectl(args))
const manifests = join(import.meta.dirname, '../../manifests')
for (const file of ['namespace', 'audit-serviceaccount', 'rbac-audit', 'rbac-readers'])
  await create(readFileSync(join(manifests, `${file}.yaml`), 'utf8'))
const tokenOf = async (name: string) => (await run(`create token ${name} -n patchline-system`)).stdout.trim()

/** The kubeconfig of the audit's service account. */
async function auditConfig(): Promise<string> {
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const users = [{ name: config.users[0].name, user: { token: await tokenOf('patchline-audit') } }]
  const path = join(cluster.directory, 'audit.kubeconfig')
  writeFileSync(path, JSON.stringify({ ...config, users }))
  return path
}

async function bind(role: string, name: string): Promise<void> {
  await run(
    `create clusterrolebinding ${role} --clusterrole=${role} --serviceaccount=patchline-system:${name}`,
  )
  cluster.removeAtEnd(['clusterrolebinding', role])
}

t.test('who is bound to a role of the manifests may read what it names', async t => {
  for (const name of ['prometheus', 'reader', 'other'])
    await run(`create serviceaccount ${name} -n patchline-system`)
  await bind('patchline-metrics-reader', 'prometheus')
  await bind('patchline-drift-reader', 'reader')
  const kubeConfig = await loadKubeConfig({ path: await auditConfig() })
  const problems: string[] = []
  // A clock that jumps, so that nothing is remembered.
  let at = 0
  const access = createReadAccess({
    kubeConfig,
    now: () => (at += 600_000),
    onProblem: ({ message }) => void problems.push(message),
  })
  const [prometheus, reader, other] = await Promise.all(['prometheus', 'reader', 'other'].map(tokenOf))
  // The API server learns of bindings by a watch of its own.
  await until(
    'the binding',
    async () => (await access.mayRead(reader, '/patchline/api/v1/drift')) === 'allowed',
  )
  const rows = [
    [prometheus, '/metrics', 'allowed'],
    [prometheus, '/patchline/api/v1/drift', 'forbidden'],
    [reader, '/patchline/api/v1/drift', 'allowed'],
    [reader, '/patchline/api/v1/drift/summary', 'allowed'],
    [reader, '/patchline/api/v1/openapi.json', 'allowed'],
    [reader, '/metrics', 'forbidden'],
    [other, '/metrics', 'forbidden'],
    [other, '/patchline/api/v1/drift', 'forbidden'],
    [other, '/api/v1/drift', 'allowed'], // by system:discovery, which is why nothing is asked for by this path
    [`${prometheus}x`, '/metrics', 'unauthenticated'],
    ['made-up', '/metrics', 'unauthenticated'],
  ] as const
  for (const [token, path, decision] of rows) t.equal(await access.mayRead(token, path), decision, path)
  t.strictSame(problems, [])
})
