import type { Cluster } from './audit-cluster.ts'

const containers = (image: string) => ({ containers: [{ name: 'web', image }] })
const template = (image: string) => ({ metadata: { labels: { app: 'web' } }, spec: containers(image) })
const jobTemplate = (image: string) => ({
  metadata: {},
  spec: { ...containers(image), restartPolicy: 'Never' },
})
const selector = { matchLabels: { app: 'web' } }
const named = (name: string, namespace = 'shop') => ({ metadata: { name, namespace } })

/** One of each kind, other than in the round before. */
export function round(n: number): readonly unknown[] {
  const image = `nginx:1.${n}`
  const replicas = n % 4
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      ...named(`web-${n % 3}`),
      spec: { replicas, selector, template: template(image) },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      ...named(`store-${n % 2}`),
      spec: {
        replicas,
        serviceName: 'store',
        podManagementPolicy: 'Parallel',
        selector,
        template: template(image),
      },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      ...named(`nightly-${n % 4}`),
      spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template: jobTemplate(image) } } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      ...named(`job-${n}`),
      spec: { parallelism: 2, template: jobTemplate(image) },
    },
    { apiVersion: 'v1', kind: 'Pod', ...named(`bare-${n}`), spec: containers(image) },
    { apiVersion: 'v1', kind: 'Pod', ...named(`bare-${n}`, 'other'), spec: containers(image) },
  ]
}

/** As a kubelet reports it. */
async function runs({ run }: Cluster, name: string, imageID: string): Promise<void> {
  const pod = JSON.parse(await run(`get pod ${name} -n shop -o json`))
  const { image } = pod.spec.containers[0]
  const state = { running: { startedAt: '2026-01-01T00:00:00Z' } }
  const status = { name: 'web', image, imageID, ready: true, restartCount: 0, state }
  const path = `/api/v1/namespaces/shop/pods/${name}/status`
  await run(`replace --raw ${path} -f -`, {
    ...pod,
    status: { phase: 'Running', containerStatuses: [status] },
  })
}

/** Creates, changes, scales and deletes for so long; how many times it did. */
export async function change(tools: Cluster, seconds: number): Promise<number> {
  const end = Date.now() + seconds * 1000
  let n = 0
  for (; Date.now() < end; n += 1) {
    await tools.apply(round(n))
    await runs(tools, `bare-${n}`, `docker.io/library/nginx@sha256:${String(n).padStart(64, '0')}`)
    await tools
      .run(`scale deployment web-${(n + 1) % 3} -n shop --replicas=${n % 3} --current-replicas=-1`)
      .catch(() => {})
    if (n >= 3)
      await tools.run(`delete pod,job bare-${n - 3} job-${n - 3} -n shop --ignore-not-found --wait=false`)
    if (n % 5 === 4) await tools.run(`delete deployment web-${n % 3} -n shop --ignore-not-found --wait=false`)
    if (n % 7 === 6) await tools.run('delete cronjobs,statefulsets --all -n shop --wait=false')
  }
  // Whatever the last round took away: one of each kind is there at the end.
  await tools.apply(round(n))
  return n + 1
}
