import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import type { ControlPlane } from '../cluster/control-plane.ts'
import { must, until, type Tools } from '../cluster/tools.ts'
import { execute } from '../support/program/execute.ts'

const bootstrapper = '--as=system:bootstrap:abcdef --as-group=system:bootstrappers'

/**
 * Does with the API server what the kubelet of a new node does: asks for a certificate, and with it creates the node, its lease and the
 * mirror pod of a static pod, and reports that the node is ready.
 */
export async function joinNode(name: string, cluster: ControlPlane, { kubectl, get }: Tools): Promise<void> {
  const { directory } = cluster
  const key = join(directory, `${name}.key`)
  const certificate = await certificateOf(name, key, kubectl)
  const config = parse(readFileSync(cluster.kubeconfig, 'utf8'))
  const user = { 'client-certificate-data': certificate, 'client-key': key }
  const kubeconfig = join(directory, `${name}.kubeconfig`)
  writeFileSync(kubeconfig, JSON.stringify({ ...config, users: [{ name: 'admin', user }] }))
  const asNode = (args: string, object?: object) =>
    must(kubectl(`--kubeconfig=${kubeconfig} ${args}`, object && JSON.stringify(object)))
  const metadata = { name }
  await asNode('create -f -', { apiVersion: 'v1', kind: 'Node', metadata })
  const lease = { holderIdentity: name, leaseDurationSeconds: 40 }
  await asNode('create -n kube-node-lease -f -', {
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata,
    spec: lease,
  })
  const node = await get(`node ${name}`)
  const ready = { type: 'Ready', status: 'True', reason: 'KubeletReady' }
  await asNode(`replace --raw /api/v1/nodes/${name}/status -f -`, {
    ...node,
    status: { conditions: [ready] },
  })
  const { uid } = node.metadata
  await asNode('create -n kube-system -f -', {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `etcd-${name}`,
      annotations: { 'kubernetes.io/config.mirror': 'static' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name, uid, controller: true }],
    },
    spec: { nodeName: name, containers: [{ name: 'etcd', image: 'registry.k8s.io/etcd:3.5.1' }] },
  })
}

/** The client certificate of a node, in base64: requested by a bootstrapper, approved, and signed by the controllers. */
async function certificateOf(name: string, key: string, kubectl: Tools['kubectl']): Promise<string> {
  const subject = `/O=system:nodes/CN=system:node:${name}`
  const options = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', key]
  const { stdout } = await must(execute('openssl', ['req', '-new', ...options, '-subj', subject]))
  const request = {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: Buffer.from(stdout).toString('base64'),
      signerName: 'kubernetes.io/kube-apiserver-client-kubelet',
      usages: ['digital signature', 'client auth'],
    },
  }
  await must(kubectl(`${bootstrapper} create -f -`, JSON.stringify(request)))
  await must(kubectl(`certificate approve ${name}`))
  const signed = `get csr ${name} -o jsonpath={.status.certificate}`
  await until('a signed certificate', async () => (await must(kubectl(signed))).stdout !== '')
  return (await must(kubectl(signed))).stdout
}
