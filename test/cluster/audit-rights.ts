import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse, parseAllDocuments, stringify } from 'yaml'
import type { ControlPlane } from './control-plane.ts'
import { kubectl } from './kubectl.ts'
import { must, toolsFor } from './tools.ts'

/** Where the manifests put the audit. */
export const ownNamespace = 'patchline-system'

/** Creates the objects of the manifests until close: what the audit may do, and the rest but for the webhooks, which have no server here. */
export async function applyRights(cluster: ControlPlane): Promise<void> {
  const folder = join(import.meta.dirname, '../../manifests')
  const rendered = await must(kubectl(cluster, ['kustomize', folder]))
  const objects = parseAllDocuments(rendered.stdout).map(document => document.toJS())
  const wanted = objects.filter(({ kind }) => !kind.endsWith('WebhookConfiguration'))
  await toolsFor(cluster).create(wanted.map(object => stringify(object)).join('---\n'))
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
