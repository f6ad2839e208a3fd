import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { startChaosProxy, type ChaosProxy } from '../support/network/chaos-proxy.ts'
import { startControlPlane, type ControlPlane } from './control-plane.ts'
import { kubectl } from './kubectl.ts'
import { must, toolsFor } from './tools.ts'

/** What the manifests give the audit, and no more. */
export const role = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'inventory' },
  rules: [
    {
      apiGroups: [''],
      resources: ['namespaces', 'pods', 'podtemplates', 'replicationcontrollers'],
      verbs: ['list', 'watch'],
    },
    {
      apiGroups: ['apps'],
      resources: ['deployments', 'statefulsets', 'daemonsets', 'replicasets'],
      verbs: ['list', 'watch'],
    },
    { apiGroups: ['batch'], resources: ['jobs', 'cronjobs'], verbs: ['list', 'watch'] },
  ],
}

const roleBinding = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'inventory' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'inventory' },
  subjects: [{ kind: 'ServiceAccount', name: 'audit', namespace: 'audit' }],
}

/** An API server of its own, and a way to it that breaks. */
export interface Cluster {
  readonly cluster: ControlPlane
  readonly proxy: ChaosProxy
  /** The API server as the audit's service account, through the proxy; the token is read from this file. */
  readonly kubeconfig: string
  readonly tokenFile: string
  readonly run: (args: string, input?: unknown) => Promise<string>
  readonly apply: (objects: readonly unknown[]) => Promise<void>
  /** A token that is good until the secret that it is bound to is deleted. */
  readonly token: (secret: string) => Promise<string>
}

/** Starts them, with the namespaces `shop` and `other`; they end with the test. */
export async function startCluster(t: Test, apiServerArguments?: readonly string[]): Promise<Cluster> {
  const cluster = await startControlPlane({ ...(apiServerArguments !== undefined && { apiServerArguments }) })
  t.teardown(() => cluster.close())
  const proxy = await startChaosProxy(Number(new URL(cluster.server).port))
  t.teardown(() => proxy.close())
  const run = async (args: string, input?: unknown) => {
    const options = input === undefined ? {} : { input: JSON.stringify(input) }
    return (await must(kubectl(cluster, args.split(' '), options))).stdout
  }
  const tokenFile = join(cluster.directory, 'token')
  const kubeconfig = join(cluster.directory, 'audit.kubeconfig')
  const tools: Cluster = {
    cluster,
    proxy,
    kubeconfig,
    tokenFile,
    run,
    apply: async items => void (await run('apply -f -', { apiVersion: 'v1', kind: 'List', items })),
    async token(secret) {
      await run(`create secret generic ${secret} -n audit`)
      const boundObjectRef = { kind: 'Secret', apiVersion: 'v1', name: secret }
      const request = {
        apiVersion: 'authentication.k8s.io/v1',
        kind: 'TokenRequest',
        spec: { boundObjectRef },
      }
      const path = '/api/v1/namespaces/audit/serviceaccounts/audit/token'
      return JSON.parse(await run(`create --raw ${path} -f -`, request)).status.token
    },
  }
  await grant(tools)
  return tools
}

async function grant({ cluster, proxy, kubeconfig, tokenFile, run, token }: Cluster): Promise<void> {
  const { namespace, create } = toolsFor(cluster)
  for (const name of ['audit', 'shop', 'other']) await namespace(name)
  await run('create serviceaccount audit -n audit')
  await create(JSON.stringify(role))
  await create(JSON.stringify(roleBinding))
  await writeFile(tokenFile, await token('first'))
  const admin = JSON.parse(await readFile(cluster.kubeconfig, 'utf8'))
  const authority = admin.clusters[0].cluster['certificate-authority-data']
  const server = `https://127.0.0.1:${proxy.port}`
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': authority } }],
    users: [{ name: 'audit', user: { 'auth-provider': { name: 'tokenFile', config: { tokenFile } } } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'audit' } }],
    'current-context': 'test',
  }
  await writeFile(kubeconfig, JSON.stringify(config))
}
