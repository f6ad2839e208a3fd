import t from 'tap'
import { createAuditLog } from './audit-log.ts'
import { startStage } from './stage.ts'
import { must, until } from './tools.ts'

// What the API server writes to its audit log of an answer: docs/enforcement.md sends people there.

const auditLog = createAuditLog({ resources: [{ group: 'apps', resources: ['deployments'] }] })
t.teardown(() => auditLog.remove())
const stage = await startStage({ apiServerArguments: auditLog.apiServerArguments })
t.teardown(() => stage.close())

/** What Patchline had written beside the requests for objects of a namespace, in their order. */
function annotationsIn(namespace: string): readonly object[] {
  return auditLog
    .lines()
    .filter(line => line.includes(`"namespace":"${namespace}"`) && line.includes('"verb":"create"'))
    .map(line => {
      const annotations: Readonly<Record<string, string>> = JSON.parse(line).annotations
      const ours = Object.entries(annotations).filter(([key]) => key.includes('patchline.dev/'))
      return Object.fromEntries(ours.filter(([key]) => key.startsWith('validate.')))
    })
}

await t.test('the API server writes what was warned about, and what was refused', async t => {
  await stage.namespace('logged')
  await must(stage.kubectl('create deployment web --image=nginx:1.25.1 -n logged'))
  await must(stage.kubectl('create deployment new --image=nginx:1.25.5 -n logged'))
  await must(stage.kubectl('label namespace logged patchline.dev/mode=enforce'))
  const probe = 'create deployment late --image=nginx:1.25.2 -n logged'
  await until('enforcement', async () => (await stage.kubectl(`${probe} --dry-run=server`)).code === 1)
  t.equal((await stage.kubectl(probe)).code, 1)
  const written = annotationsIn('logged')
  t.strictSame(written.slice(0, 2), [
    { 'validate.patchline.dev/outdated': 'nginx: nginx:1.25.1 -> 1.25.5' },
    {},
  ])
  t.strictSame(written.at(-1), { 'validate.patchline.dev/refused': 'nginx: nginx:1.25.2 -> 1.25.5' })
})
