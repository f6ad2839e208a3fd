import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import type { ControlPlane } from './control-plane.ts'
import { kubectl } from './kubectl.ts'
import { must } from './stage.ts'

/** Where the manifests put the audit. */
export const ownNamespace = 'patchline-system'

/** Applies the manifests: what the audit may do in the cluster, and the rest but for the webhooks, for nobody answers them. */
export async function applyRights(cluster: ControlPlane): Promise<void> {
  const folder = join(import.meta.dirname, '../../manifests')
  const rendered = await must(kubectl(cluster, ['kustomize', folder]))
  const served = (await must(kubectl(cluster, ['api-versions']))).stdout.split('\n')
  const objects = parseAllDocuments(rendered.stdout).map(document => document.toJS())
  // Whatever the age of the API server.
  const wanted = objects.filter(
    ({ apiVersion, kind }) => served.includes(apiVersion) && !kind.endsWith('WebhookConfiguration'),
  )
  const input = wanted.map(object => stringify(object)).join('---\n')
  await must(kubectl(cluster, ['apply', '-f', '-'], { input }))
}

/** A kubeconfig, as JSON, with a token of a service account: the audit's if no other is named. */
export async function serviceAccountConfig(
  cluster: ControlPlane,
  { namespace, name } = { namespace: ownNamespace, name: 'patchline-audit' },
): Promise<string> {
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token`
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }
  const input = JSON.stringify(asked)
  const answer = await must(kubectl(cluster, ['create', '--raw', path, '-f', '-'], { input }))
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const users = [{ name: 'admin', user: { token: parse(answer.stdout).status.token } }]
  return JSON.stringify({ ...config, users })
}
