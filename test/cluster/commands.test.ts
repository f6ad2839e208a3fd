import { existsSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { remedyFor } from '../../src/notification/advice.ts'
import type { CommandForm, Finding } from '../../src/notification/index.ts'
import { findingsOf } from '../../src/notification/findings.ts'
import { report, type Row } from '../notification/reports.ts'
import { execute } from '../support/program/execute.ts'
import { toolPath } from '../support/program/tool-path.ts'
import { startControlPlane } from './control-plane.ts'
import { must, toolsFor } from './tools.ts'

// The commands that messages tell people to copy, run by a shell: they change the images that they name and nothing else.

const cluster = await startControlPlane()
t.teardown(() => cluster.close())

const { kubectl: run, namespace: makeNamespace } = toolsFor(cluster)

// Fields of containers that a patch of the wrong kind would drop or reset.
const containers = `
initContainers:
- { name: wait, image: 'busybox:1.36.0', command: [sh, -c, 'true'], env: [{ name: A, value: '1' }] }
- { name: migrate, image: 'ghcr.io/acme/migrate:2.0.0', resources: { limits: { memory: 64Mi } } }
containers:
- name: web
  image: nginx:1.25.1
  imagePullPolicy: Never
  ports: [{ containerPort: 8080, name: http, protocol: UDP }]
  env: [{ name: A, value: '1' }, { name: B, valueFrom: { fieldRef: { fieldPath: metadata.name } } }]
  resources: { requests: { cpu: 10m }, limits: { memory: 32Mi } }
  readinessProbe: { httpGet: { path: /ready, port: http } }
  volumeMounts: [{ name: data, mountPath: /data }]
- { name: proxy, image: 'envoyproxy/envoy:v1.30.0', args: [--quiet], securityContext: { readOnlyRootFilesystem: true } }
- { name: logs, image: 'fluent/fluent-bit:3.0.0', lifecycle: { preStop: { exec: { command: [sleep, '1'] } } } }
volumes:
- { name: data, emptyDir: {} }
`

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces))
}

const template = (spaces: number, more = ''): string =>
  indented(`metadata: { labels: { app: web } }\nspec:\n${indented(`${containers}${more}`, 2)}`, spaces)

const workloads = {
  Deployment: `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web }
spec:
  replicas: 0
  selector: { matchLabels: { app: web } }
  template:
${template(4)}`,
  StatefulSet: `
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web }
spec:
  replicas: 0
  serviceName: web
  selector: { matchLabels: { app: web } }
  template:
${template(4)}`,
  DaemonSet: `
apiVersion: apps/v1
kind: DaemonSet
metadata: { name: web }
spec:
  selector: { matchLabels: { app: web } }
  template:
${template(4)}`,
  CronJob: `
apiVersion: batch/v1
kind: CronJob
metadata: { name: web }
spec:
  schedule: 0 0 1 1 *
  suspend: true
  jobTemplate:
    spec:
      template:
${template(8, 'restartPolicy: Never\n')}`,
  Pod: `
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
${indented(containers, 2)}`,
} as const

type Kind = keyof typeof workloads

// Two of three containers and one of two init containers are behind.
const newer: Readonly<Record<string, string>> = {
  web: 'nginx:1.25.5',
  logs: 'fluent/fluent-bit:3.0.4',
  migrate: 'ghcr.io/acme/migrate:2.0.3',
}

function findings(kind: Kind, namespace: string): readonly Finding[] {
  const row = { kind, namespace, name: 'web' } as const
  const rows: readonly Row[] = [
    { ...row, container: 'web', image: 'nginx:1.25.1', newest: '1.25.5' },
    { ...row, container: 'logs', image: 'fluent/fluent-bit:3.0.0', newest: '3.0.4' },
    { ...row, container: 'migrate', field: 'init', image: 'ghcr.io/acme/migrate:2.0.0', newest: '2.0.3' },
  ]
  return findingsOf(report(rows), 0).findings
}

// The command as it is, by a shell that finds kubectl and the cluster as a person's would.
function shell(command: string): ReturnType<typeof execute> {
  const folder = toolPath('kubectl').replace(/\/[^/]+$/, '')
  return execute('sh', ['-c', command], {
    environment: { KUBECONFIG: cluster.kubeconfig, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
  })
}

async function specOf(kind: Kind, namespace: string): Promise<unknown> {
  const { stdout } = await must(run(`get ${kind.toLowerCase()} web -n ${namespace} -o json`))
  const { spec } = JSON.parse(stdout)
  return spec
}

// The same object with the images that are meant to change.
function withNewer(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withNewer)
  if (typeof value !== 'object' || value === null) return value
  const entries: readonly (readonly [string, unknown])[] = Object.entries(value)
  const name = entries.find(([key]) => key === 'name')?.[1]
  return Object.fromEntries(
    entries.map(([key, inner]) =>
      key === 'image' && typeof name === 'string' && Object.hasOwn(newer, name)
        ? [key, newer[name]]
        : [key, withNewer(inner)],
    ),
  )
}

async function namespaceFor(kind: Kind, form: CommandForm): Promise<string> {
  const namespace = `${kind.toLowerCase()}-${form}`
  await makeNamespace(namespace)
  await must(run(`apply -n ${namespace} -f -`, workloads[kind]))
  return namespace
}

const kinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Pod'] as const
const forms = ['set-image', 'patch'] as const

for (const kind of kinds)
  for (const form of forms)
    await t.test(`${form} of a ${kind}`, async t => {
      const namespace = await namespaceFor(kind, form)
      const before = await specOf(kind, namespace)
      const { command = '' } = remedyFor(findings(kind, namespace), form)
      const { code, stderr } = await shell(command)
      t.equal(code, 0, `${command}\n${stderr}`)
      t.notSame(before, withNewer(before))
      t.same(await specOf(kind, namespace), withNewer(before), 'the named images and nothing else')
      // It may be run twice.
      t.equal((await shell(command)).code, 0)
    })

await t.test('the same name in another namespace is not meant', async t => {
  await makeNamespace('untouched')
  await must(run('apply -n untouched -f -', workloads.Deployment))
  const before = await specOf('Deployment', 'untouched')
  const { command = '' } = remedyFor(findings('Deployment', 'deployment-patch'), 'patch')
  t.equal((await shell(command)).code, 0)
  t.same(await specOf('Deployment', 'untouched'), before)
})

await t.test('names that mean something to a shell are only names', async t => {
  const mark = join(cluster.directory, 'was-run')
  const namespace = `x'; touch ${mark}; echo '$(touch ${mark})`
  const { command } = remedyFor(findings('Deployment', namespace), 'set-image')
  t.equal(command, undefined, 'there is no such namespace')
  t.notOk(existsSync(mark))
})
