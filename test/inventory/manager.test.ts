import t from 'tap'
import { managerOf, type Manager } from '../../src/inventory/manager.ts'

type Words = Readonly<Record<string, string>>

const rows: readonly (readonly [what: string, labels: Words, annotations: Words, Manager | undefined])[] = [
  ['nothing', {}, {}, undefined],
  [
    'Helm',
    { 'app.kubernetes.io/managed-by': 'Helm', 'helm.sh/chart': 'nginx-15.4.2' },
    { 'meta.helm.sh/release-name': 'shop', 'meta.helm.sh/release-namespace': 'apps' },
    { by: 'helm', name: 'shop', namespace: 'apps', chart: 'nginx-15.4.2' },
  ],
  [
    'a HelmRelease of Flux, which Helm marks too',
    { 'helm.toolkit.fluxcd.io/name': 'web', 'helm.toolkit.fluxcd.io/namespace': 'apps' },
    { 'meta.helm.sh/release-name': 'web', 'meta.helm.sh/release-namespace': 'apps' },
    { by: 'flux-helm', name: 'web', namespace: 'apps' },
  ],
  [
    'a Kustomization of Flux',
    { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' },
    {},
    { by: 'flux-kustomize', name: 'apps', namespace: 'flux-system' },
  ],
  [
    'Argo CD by its annotation, with a chart in its source',
    { 'helm.sh/chart': 'nginx-15.4.2' },
    {
      'argocd.argoproj.io/tracking-id': 'shop:apps/Deployment:shop/web',
      'meta.helm.sh/release-name': 'shop',
    },
    { by: 'argo-cd', name: 'shop', namespace: undefined },
  ],
  [
    'an application of another namespace',
    {},
    { 'argocd.argoproj.io/tracking-id': 'team-a_shop:apps/Deployment:shop/web' },
    { by: 'argo-cd', name: 'shop', namespace: 'team-a' },
  ],
  [
    'Argo CD by a label of its own',
    { 'argocd.argoproj.io/instance': 'shop' },
    {},
    { by: 'argo-cd', name: 'shop', namespace: undefined },
  ],
  ['the label that Helm charts have too', { 'app.kubernetes.io/instance': 'shop' }, {}, undefined],
  [
    'kustomize by the origin',
    {},
    { 'config.kubernetes.io/origin': 'path: base/web.yaml\nrepo: https://git.acme.test/shop\nref: v1.0\n' },
    { by: 'kustomize', path: 'base/web.yaml' },
  ],
  [
    'kustomize by its label',
    { 'app.kubernetes.io/managed-by': 'kustomize-v5.4.1' },
    {},
    { by: 'kustomize', path: '' },
  ],
]

for (const [what, labels, annotations, expected] of rows)
  t.test(what, async t => t.strictSame(managerOf({ labels, annotations }), expected))

t.test('what is no metadata has none', async t => {
  for (const metadata of [undefined, null, 'x', { labels: 1, annotations: ['x'] }])
    t.equal(managerOf(metadata), undefined)
})
