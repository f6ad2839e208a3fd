import t from 'tap'
import { startStage, type Stage } from './stage.ts'
import { must, until, type Kubectl } from './tools.ts'

// What `enforce` refuses is what a request makes worse; what an object says of its images stays while that is the same. By a person
// with no more than `edit`.

const stage = await startStage({
  configuration: 'catalog: { refreshAfterMinutes: 0.02 }',
  secretPath: '0123456789abcdef0123456789abcdef',
})
t.teardown(() => stage.close())

const cronJob = (name: string): string => `
apiVersion: batch/v1
kind: CronJob
metadata: { name: ${name} }
spec:
  schedule: '0 0 1 1 *'
  jobTemplate: { spec: { template: { spec: { restartPolicy: Never, containers: [{ name: main, image: 'nginx:1.25.2' }] } } } }`

/** A namespace that has run outdated images since before it was enforced, and a person in it. */
async function enforced(name: string, of: Stage = stage): Promise<Kubectl> {
  await of.namespace(name)
  await must(of.kubectl(`create deployment web --image=nginx:1.25.1 -n ${name}`))
  await must(of.kubectl(`run old --image=nginx:1.25.1 -n ${name}`))
  await must(of.kubectl(`create -n ${name} -f -`, cronJob('nightly')))
  await must(of.kubectl(`label namespace ${name} patchline.dev/mode=enforce`))
  const probe = `create deployment probe --image=nginx:1.25.1 -n ${name} --dry-run=server`
  await until('enforcement', async () => (await of.kubectl(probe)).code === 1)
  return of.user('alice', name)
}

await t.test('a step forward that is not the newest, and no step back', async t => {
  const alice = await enforced('steps')
  const forward = await must(alice('set image deployment/web nginx=nginx:1.25.2 -n steps'))
  t.match(forward.stderr, 'Warning: patchline: web: nginx:1.25.2 is 3 versions behind 1.25.5 (line 1.25)')
  const back = await alice('rollout undo deployment/web -n steps')
  t.equal(back.code, 1)
  t.match(
    back.stderr,
    'Use nginx:1.25.5. To keep it on purpose, annotate the Deployment with patchline.dev/strategy=rebuild, or have the namespace "steps" labelled patchline.dev/mode=warn.',
  )
  await must(alice('annotate deployment/web patchline.dev/strategy=rebuild -n steps'))
  // `rollout undo` would bring back the annotations of the old revision too.
  const kept = await alice('set image deployment/web nginx=nginx:1.25.1 -n steps')
  t.equal(kept.code, 0, 'the way that the refusal names')
})

await t.test('a Job of a CronJob, and a copy of a pod, that run already', async t => {
  const alice = await enforced('copies')
  t.equal((await alice('create job now --from=cronjob/nightly -n copies')).code, 0)
  t.equal((await alice('create job made-up --image=nginx:1.25.2 -n copies')).code, 1, 'no CronJob has it')
  const copy = await alice('debug old --copy-to=old-copy --image=busybox:1.36.1 --attach=false -n copies')
  t.equal(copy.code, 0, copy.stderr)
  t.equal((await alice('run bare --image=nginx:1.25.3 -n copies')).code, 1, 'no pod has it')
  t.equal((await alice('create deployment more --image=nginx:1.25.1 -n copies')).code, 1, 'no copy')
})

await t.test('a tag upstream makes no diff and no generation', async t => {
  await stage.namespace('gitops')
  const web = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec: { containers: [{ name: main, image: 'busybox:1.36.0' }] }`
  const apply = 'apply --server-side --field-manager=flux -n gitops -f -'
  await must(stage.kubectl(apply, web))
  const generation = async (): Promise<string> =>
    (await must(stage.kubectl('get deployment web -n gitops -o jsonpath={.metadata.generation}'))).stdout
  const before = await generation()
  await stage.push('library/busybox', '1.36.9')
  await until('the newer tag', async () => {
    const probe = await stage.kubectl('run probe --image=busybox:1.36.0 -n gitops --dry-run=server')
    return probe.stderr.includes('behind 1.36.9')
  })
  const diff = await stage.kubectl('diff --server-side --field-manager=flux -n gitops -f -', web)
  t.equal(diff.code, 0, diff.stdout)
  await must(stage.kubectl(apply, web))
  t.equal(await generation(), before)
  await must(stage.kubectl('label namespace gitops patchline.dev/mode=off'))
  await until('off', async () => {
    await must(stage.kubectl('annotate deployment/web note=x --overwrite -n gitops'))
    const { metadata } = await stage.get('deployment/web', 'gitops')
    return metadata.annotations?.['patchline.dev/status'] === undefined
  })
})

await t.test('what the configuration makes stricter or milder', async t => {
  await stage.close()
  const other = await startStage({
    configuration: 'enforcement: { steps: newest, copies: refused, rebuilds: allowed }',
  })
  t.teardown(() => other.close())
  const alice = await enforced('strict', other)
  const step = await alice('set image deployment/web nginx=nginx:1.25.2 -n strict')
  t.equal(step.code, 1, 'steps: newest')
  t.match(step.stderr, 'Use nginx:1.25.5.')
  const newest = await alice('set image deployment/web nginx=nginx:1.25.5 -n strict')
  t.equal(newest.code, 0, newest.stderr)
  const job = await alice('create job now --from=cronjob/nightly -n strict')
  t.equal(job.code, 1, 'copies: refused')
  t.match(job.stderr, 'nginx:1.25.2')
  const copy = await alice('debug old --copy-to=old-copy --image=busybox:1.36.1 --attach=false -n strict')
  t.equal(copy.code, 1, 'nor one of a pod')
  for (const tag of ['18.3.0-debian-12-r50', '18.3.0-debian-12-r51'])
    await other.push('bitnami/postgresql', tag)
  const rebuilt = await alice('run db --image=bitnami/postgresql:18.3.0-debian-12-r50 -n strict')
  t.equal(rebuilt.code, 0, `rebuilds: allowed; ${rebuilt.stderr}`)
  t.match(rebuilt.stderr, /^Warning: patchline: .*r50 is 1 image revision behind .*r51/m)
})
