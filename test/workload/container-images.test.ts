import * as fc from 'fast-check'
import t from 'tap'
import { imagesOf } from '../../src/workload/container-images.ts'
import type { WorkloadKind } from '../../src/workload/index.ts'
import { hostileJson, workloads } from './workloads.ts'

t.test('the images of every kind, in every field', async t => {
  const podSpec = {
    volumes: [
      { name: 'model', image: { reference: 'ghcr.io/org/model:v1', pullPolicy: 'Always' } },
      { name: 'scratch', emptyDir: {} },
      { name: 'later', image: {} },
    ],
    ephemeralContainers: [{ name: 'debugger', image: 'busybox' }],
    initContainers: [{ name: 'init', image: 'busybox:1.36.0', restartPolicy: 'Always' }],
    containers: [
      { name: 'web', image: 'nginx:1.25.1' },
      { name: 'side', image: 'envoy:v1.30.1' },
    ],
  }
  for (const workload of workloads)
    t.strictSame(
      imagesOf(workload.kind, workload.object(podSpec)),
      [
        { container: 'web', field: 'container', image: 'nginx:1.25.1' },
        { container: 'side', field: 'container', image: 'envoy:v1.30.1' },
        { container: 'init', field: 'init', image: 'busybox:1.36.0' },
        { container: 'debugger', field: 'ephemeral', image: 'busybox' },
        { container: 'model', field: 'volume', image: 'ghcr.io/org/model:v1' },
      ],
      workload.name,
    )
})

const pod: WorkloadKind = { group: '', resource: 'pods', kind: 'Pod', templates: undefined }
const deployment: WorkloadKind = {
  group: 'apps',
  resource: 'deployments',
  kind: 'Deployment',
  templates: [['spec', 'template']],
}

t.test('a placeholder that an injector fills in is no image', async t => {
  const podSpec = {
    containers: [
      { name: 'istio-proxy', image: 'auto' },
      { name: 'web', image: 'nginx' },
    ],
    initContainers: ['auto:latest', 'team/auto', 'localhost:5000/auto'].map(image => ({
      name: image,
      image,
    })),
  }
  const named = (kind: WorkloadKind, metadata: unknown, spec: unknown = podSpec): readonly string[] => {
    const template = { metadata, spec }
    return imagesOf(kind, kind === pod ? template : { spec: { template } }).map(({ image }) => image)
  }
  const others = ['nginx', 'auto:latest', 'team/auto', 'localhost:5000/auto']
  const injected = [
    { annotations: { 'inject.istio.io/templates': 'gateway' } },
    { annotations: { 'sidecar.istio.io/inject': 'true' } },
    { labels: { 'sidecar.istio.io/inject': 'true' } },
    { annotations: { 'linkerd.io/inject': 'enabled' } },
  ]
  for (const kind of [pod, deployment]) {
    for (const metadata of injected) t.strictSame(named(kind, metadata), others, JSON.stringify(metadata))
    for (const metadata of [
      undefined,
      {},
      { labels: { app: 'inject' } },
      { annotations: null },
      { labels: ['inject'] },
    ])
      t.strictSame(named(kind, metadata), ['auto', ...others], JSON.stringify(metadata))
  }
  const outside = { metadata: injected[0], spec: { template: { spec: podSpec } } }
  t.equal(imagesOf(deployment, outside)[0]?.image, 'auto', 'it is the template that is injected')
})

t.test('odd shapes name no image', async t => {
  const rows: [WorkloadKind, string][] = [
    [pod, 'null'],
    [pod, '[]'],
    [pod, '"text"'],
    [pod, '{}'],
    [pod, '{"spec": null}'],
    [pod, '{"spec": []}'],
    [pod, '{"spec": {"containers": {"image": "nginx"}}}'],
    [pod, '{"spec": {"containers": "nginx"}}'],
    [pod, '{"spec": {"containers": [null, "nginx", 1, [], {"name": "a"}]}}'],
    [pod, '{"spec": {"containers": [{"name": "a", "image": ""}, {"image": null}, {"image": ["nginx"]}]}}'],
    [pod, '{"spec": {"containers": [{"name": "a", "image": " "}]}}'],
    [pod, '{"spec": {"volumes": [{"image": "nginx"}, {"image": {"reference": ""}}, {"image": null}]}}'],
    [pod, '{"spec": {"__proto__": {"containers": [{"image": "nginx"}]}}}'],
    [pod, '{"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "nginx"}]}}}}'],
    [deployment, '{"spec": {"containers": [{"name": "a", "image": "nginx"}]}}'],
    [deployment, '{"spec": {"template": null}}'],
    [deployment, '{"spec": {"template": {"spec": null}}}'],
  ]
  for (const [kind, object] of rows) t.strictSame(imagesOf(kind, JSON.parse(object)), [], object)
})

t.test('what has no name is called by its place', async t => {
  const object = {
    spec: {
      containers: [{ image: 'a' }, { name: '', image: 'b' }, { name: 3, image: 'c' }],
      volumes: [{ image: { reference: 'd' } }],
    },
  }
  const names = imagesOf(pod, object).map(({ container, image }) => `${container} ${image}`)
  t.strictSame(names, ['containers[0] a', 'containers[1] b', 'containers[2] c', 'volumes[0] d'])
})

t.test('no object throws', async () => {
  fc.assert(
    fc.property(fc.constantFrom(...workloads), hostileJson, (workload, value) => {
      for (const object of [value, workload.object(value)])
        for (const { container, image } of imagesOf(workload.kind, object))
          if (container === '' || image.trim() === '') return false
      return true
    }),
  )
})
