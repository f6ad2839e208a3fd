import t from 'tap'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// What brings an image in beside the containers of an object that a person applies; and people who may do no more than edit.
const stage = await startStage()
t.teardown(() => stage.close())

const warningsIn = (stderr: string): readonly string[] =>
  stderr.split('\n').filter(line => line.startsWith('Warning: patchline'))

const busybox = 'busybox:1.36.0 is 1 version behind 1.36.1 (line 1.36)'
const nginx = 'nginx:1.25.1 is 4 versions behind 1.25.5 (line 1.25)'
const denied = 'admission webhook "validate.patchline.dev" denied the request: '

/** Until the API server has seen that the namespace enforces. */
async function enforce(namespace: string): Promise<void> {
  await must(stage.kubectl(`label namespace ${namespace} patchline.dev/mode=enforce`))
  const probe = `run probe --image=nginx:1.25.1 -n ${namespace} --dry-run=server`
  await until('enforcement', async () => (await stage.kubectl(probe)).code === 1)
}

const cronJob = `
apiVersion: batch/v1
kind: CronJob
metadata: { name: report }
spec:
  schedule: '* * * * *'
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: 'nginx:1.25.1' }] } } } }
`

await t.test('the Jobs and Pods of a CronJob are made under enforce, a Job by hand is not', async t => {
  await stage.namespace('scheduled')
  const created = await must(stage.kubectl('apply -n scheduled -f -', cronJob))
  t.strictSame(warningsIn(created.stderr), [`Warning: patchline: report: ${nginx}`])
  await enforce('scheduled')
  // A schedule that was missed a moment ago is made up for at once.
  const lastScheduleTime = new Date(Date.now() - 90_000).toISOString().replace(/\.\d+/, '')
  const patch = JSON.stringify({ status: { lastScheduleTime } })
  await must(
    stage.kubectl(`patch cronjob report -n scheduled --subresource=status --type=merge --patch=${patch}`),
  )
  await until('its pod', async () => (await stage.get('pods', 'scheduled')).items.length > 0)
  const byHand = await stage.kubectl('create job now --image=nginx:1.25.1 -n scheduled')
  t.equal(byHand.code, 1)
  t.match(byHand.stderr, `${denied}Job now: container now: ${nginx}`)
})

await t.test('an ephemeral container is judged like any other', async t => {
  await stage.namespace('debugged')
  for (const name of ['web', 'other'])
    await must(stage.kubectl(`run ${name} --image=nginx:1.25.5 -n debugged`))
  const warned = await must(stage.kubectl('debug web --image=busybox:1.36.0 -c shell -n debugged'))
  t.strictSame(warningsIn(warned.stderr), [`Warning: patchline: web/shell: ${busybox}`])
  await enforce('debugged')
  const refused = await stage.kubectl('debug other --image=busybox:1.36.0 -c shell -n debugged')
  t.equal(refused.code, 1)
  t.match(refused.stderr, `${denied}Pod other: ephemeral container shell: ${busybox}`)
  await must(stage.kubectl('debug other --image=busybox:1.36.1 -c newer -n debugged'))
  const names = 'get pod other -n debugged -o jsonpath={.spec.ephemeralContainers[*].name}'
  t.equal((await must(stage.kubectl(names))).stdout, 'newer')
})

const withVolume = (name: string, reference: string): string => `
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  containers: [{ name: main, image: 'nginx:1.25.5', volumeMounts: [{ name: tools, mountPath: /tools }] }]
  volumes: [{ name: tools, image: { reference: '${reference}' } }]
`

await t.test('an image volume is an image', async t => {
  await stage.namespace('mounted')
  const warned = await must(stage.kubectl('apply -n mounted -f -', withVolume('old', 'busybox:1.36.0')))
  t.strictSame(warningsIn(warned.stderr), [`Warning: patchline: old/tools: ${busybox}`])
  const { metadata } = await stage.get('pod old', 'mounted')
  t.strictSame(JSON.parse(metadata.annotations?.['patchline.dev/images'] ?? 'null'), {
    main: { image: 'nginx:1.25.5', verdict: 'current', behind: 0, reason: 'newest' },
    tools: { image: 'busybox:1.36.0', verdict: 'outdated', newest: '1.36.1', behind: 1, reason: 'newer' },
  })
  await enforce('mounted')
  const refused = await stage.kubectl('apply -n mounted -f -', withVolume('later', 'busybox:1.36.0'))
  t.equal(refused.code, 1)
  t.match(refused.stderr, `${denied}Pod later: image volume tools: ${busybox}`)
  await must(stage.kubectl('apply -n mounted -f -', withVolume('newer', 'busybox:1.36.1')))
})

await t.test('a budget and an eviction do not meet a refusal', async t => {
  await stage.namespace('drained')
  await must(stage.kubectl('create deployment web --image=nginx:1.25.1 -n drained'))
  await must(stage.kubectl('create pdb web --selector=app=web --max-unavailable=1 -n drained'))
  const pods = async () => (await stage.get('pods -l app=web', 'drained')).items
  await until('its pod', async () => (await pods()).length === 1)
  await enforce('drained')
  const [name = ''] = (await pods()).map(({ metadata }) => metadata.name)
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'drained' } }
  const path = `/api/v1/namespaces/drained/pods/${name}/eviction`
  const evicted = await stage.kubectl(`create --raw ${path} -f -`, JSON.stringify(eviction))
  t.equal(evicted.code, 0, evicted.stderr)
  await until('another pod', async () => {
    const now = (await pods()).map(({ metadata }) => metadata.name)
    return now.length === 1 && now[0] !== name
  })
})

await t.test(
  'people and service accounts with the role edit are judged, and may write nowhere else',
  async t => {
    await stage.namespace('team', 'enforce')
    await stage.namespace('elsewhere')
    for (const caller of [
      await stage.user('alice', 'team'),
      await stage.serviceAccount('deployer', 'team'),
    ]) {
      const refused = await caller('create deployment web --image=nginx:1.25.1 -n team')
      t.match(refused.stderr, `${denied}Deployment web: container nginx: ${nginx}`)
      await must(caller('create deployment web --image=nginx:1.25.5 -n team'))
      await must(caller('delete deployment web -n team'))
      const elsewhere = await caller('create deployment web --image=nginx:1.25.5 -n elsewhere')
      t.match(elsewhere, { code: 1, stderr: /cannot create resource "deployments"/ })
    }
  },
)
