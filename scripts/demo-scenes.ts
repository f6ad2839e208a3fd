/** What the demo shows: each scene is something that a person applies, as it would be typed. */
export interface Scene {
  readonly title: string
  readonly namespace: string
  readonly file: string
  readonly manifest: Manifest
  /** Who asks; a person if not given. */
  readonly controller?: string
}

/** A Kubernetes object as it is written. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly name: string; readonly [field: string]: unknown }
  readonly [field: string]: unknown
}

/** The tags that the demo's registry has. */
export const repositories: Readonly<Record<string, readonly string[]>> = {
  'library/nginx': words(
    'latest mainline 1 1.25 1.25.1 1.25.2 1.25.3 1.25.4 1.25.5 1.26.0 1.27.0',
    '1.25.5-alpine 1.25.5-alpine3.19 1.25.5-perl 1.27.0-alpine',
  ),
  'library/redis': words('7.2.3-alpine3.18 7.2.4-alpine3.19 7.2.4 7.4.0-rc1'),
  'mojaloop/central-ledger': words('v10.4.0 v10.4.0.1-patch v10.4.0.2-patch v10.5.0 v10.4.1-snapshot.3'),
  'bitnami/kafka': words('3.5.1-debian-11-r4 3.5.1-debian-11-r72 3.6.0-debian-11-r0'),
}

function words(...lines: readonly string[]): readonly string[] {
  return lines.flatMap(line => line.split(' '))
}

/** The namespace of the demo in which outdated images are refused. */
export const enforced = 'payments'

/** The scenes in the order in which they are shown. */
export const scenes: readonly Scene[] = [
  {
    title: 'A deployment that is behind goes through, with a warning',
    namespace: 'shop',
    file: 'web.yaml',
    manifest: deployment('web', [container('web', 'nginx:1.25.1')]),
  },
  {
    title: 'The newest patch of its line: not a word',
    namespace: 'shop',
    file: 'web-new.yaml',
    manifest: deployment('web-new', [container('web', 'nginx:1.25.5')]),
  },
  {
    title:
      'Fix levels, image revisions, and a variant that goes on under another name; no pre-release, no other variant',
    namespace: 'shop',
    file: 'ledger.yaml',
    manifest: deployment(
      'ledger',
      [container('ledger', 'mojaloop/central-ledger:v10.4.0'), container('cache', 'redis:7.2.3-alpine3.18')],
      [container('wait', 'bitnami/kafka:3.5.1-debian-11-r4')],
    ),
  },
  {
    title: 'What floats; a registry that is not listed is told to the operator',
    namespace: 'shop',
    file: 'tools.yaml',
    manifest: deployment('tools', [
      container('proxy', 'nginx:1.25'),
      container('shell', 'nginx'),
      container('agent', 'registry.internal.example/agent:2.0.1'),
    ]),
  },
  {
    title: `In namespace ${enforced}, labelled patchline.dev/mode=enforce, the old one is refused`,
    namespace: enforced,
    file: 'gateway.yaml',
    manifest: deployment('gateway', [container('gateway', 'nginx:1.25.1')]),
  },
]

/** What happens when a cluster heals itself: nobody applies it, so it is no scene on a real cluster. */
export const healing: Scene = {
  title: 'There too, a pod that its ReplicaSet replaces is never refused',
  namespace: enforced,
  file: 'gateway-7f9c-x2x7p',
  controller: 'system:serviceaccount:kube-system:replicaset-controller',
  manifest: {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'gateway-7f9c-x2x7p',
      ownerReferences: [
        { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'gateway-7f9c', uid: 'a', controller: true },
      ],
    },
    spec: { containers: [container('gateway', 'nginx:1.25.1')] },
  },
}

interface Container {
  readonly name: string
  readonly image: string
}

function container(name: string, image: string): Container {
  return { name, image }
}

function deployment(
  name: string,
  containers: readonly Container[],
  initContainers?: readonly Container[],
): Manifest {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...(initContainers && { initContainers }), containers } },
    },
  }
}
