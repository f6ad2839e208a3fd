import { writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import t from 'tap'
import { webhookManifests } from '../support/kubernetes/webhook-manifests.ts'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// With the component `opt-in`, the API server asks Patchline only about namespaces that are labelled.

const stage = await startStage()
t.teardown(() => stage.close())
const { kubectl: run } = stage

const component = join(import.meta.dirname, '../../manifests/opt-in')

t.test('only namespaces with the label are looked at, whatever its value', async t => {
  await stage.namespace('unlabelled')
  await stage.namespace('labelled', 'warn')
  await stage.namespace('later')
  const apply = async (name: string, namespace: string): Promise<string> =>
    (await must(run(`create deployment ${name} --image=nginx:1.25.1 -n ${namespace}`))).stderr
  t.match(await apply('before', 'unlabelled'), '4 versions behind', 'without the component')

  const folder = t.testdir()
  const kustomization = { resources: ['webhooks.yaml'], components: [relative(folder, component)] }
  writeFileSync(join(folder, 'webhooks.yaml'), webhookManifests(stage.patchline))
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  const rendered = await must(run(`kustomize ${folder}`))
  await must(run('apply -f -', rendered.stdout))
  await until('the selector', async () => {
    const probe = 'create deployment probe --image=nginx:1.25.1 -n unlabelled --dry-run=server'
    return (await must(run(probe))).stderr === ''
  })

  t.equal(await apply('after', 'unlabelled'), '')
  const { metadata } = await stage.get('deployment/after', 'unlabelled')
  t.equal(metadata.annotations?.['patchline.dev/images'], undefined, 'nor annotated')
  t.match(await apply('web', 'labelled'), '4 versions behind 1.25.5')
  t.match((await stage.get('deployment/web', 'labelled')).metadata.annotations, {
    'patchline.dev/images': /1\.25\.5/,
  })

  await must(run('label namespace later patchline.dev/mode=enforce'))
  await until('enforcement', async () => {
    const probe = 'create deployment probe --image=nginx:1.25.1 -n later --dry-run=server'
    return (await run(probe)).code === 1
  })
  t.equal((await run('create deployment web --image=nginx:1.25.1 -n later')).code, 1)
})
