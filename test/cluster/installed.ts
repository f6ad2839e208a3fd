import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Test } from 'tap'
import { parse } from 'yaml'
import { entry as main } from '../support/program/entry.ts'
import { execute, type Execution } from '../support/program/execute.ts'
import { startAudit } from '../support/program/local-audit.ts'
import { startMemoryRegistry } from '../support/registry/memory-registry.ts'
import { applyRights, ownNamespace, serviceAccountConfig } from './audit-rights.ts'
import { definitionOf } from './custom-kinds.ts'
import { policyReportDefinition } from './report-definitions.ts'
import { startStage, type Stage } from './stage.ts'
import { must, until } from './tools.ts'

/** An object as the API server lists it. */
export interface Listed {
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly resourceVersion: string
    readonly generation?: number
    readonly annotations?: Readonly<Record<string, string>>
  }
}

/** A cluster in which Patchline was installed and has written all that it writes, into the namespace `shop`. */
export interface Installed {
  readonly stage: Stage
  /** The objects of a kind: `pods -n shop`. */
  readonly list: (what: string) => Promise<readonly Listed[]>
  /** The kinds of the objects in `shop` that say which images they had. */
  readonly annotated: () => Promise<readonly string[]>
  /** The generations of the deployments in `shop`. */
  readonly generations: () => Promise<readonly number[]>
  readonly uninstall: (args?: readonly string[], kubeconfig?: string) => Promise<Execution>
}

const otherReport = {
  apiVersion: 'wgpolicyk8s.io/v1alpha2',
  kind: 'PolicyReport',
  metadata: {
    name: 'patchline-of-another-tool',
    namespace: 'shop',
    labels: { 'app.kubernetes.io/managed-by': 'kyverno' },
  },
}

/** Installs Patchline into a control plane that ends with the test, and has everything written. */
export async function startInstalled(t: Test): Promise<Installed> {
  const stage = await startStage()
  t.teardown(() => stage.close())
  const { cluster, kubectl: run } = stage
  const list = async (what: string): Promise<readonly Listed[]> =>
    parse((await must(run(`get ${what} -o json`))).stdout).items
  const annotated = async (): Promise<readonly string[]> =>
    (await list('deployments,replicasets,pods,rollouts.argoproj.io,cronjobs -n shop'))
      .filter(({ metadata: { annotations = {} } }) => 'patchline.dev/images' in annotations)
      .map(({ kind }) => kind)
  await createWorkloads(stage)
  // Of deployments, replica sets (to which their controller copies), pods, cron jobs and rollouts.
  await until('all annotations', async () => new Set(await annotated()).size === 5)
  await auditOnce(t, stage, list)
  return {
    stage,
    list,
    annotated,
    generations: async () =>
      (await list('deployments -n shop')).map(({ metadata }) => metadata.generation ?? 0),
    uninstall: (args = [], kubeconfig = cluster.kubeconfig) =>
      execute(process.execPath, [main, 'uninstall', '--kubeconfig', kubeconfig, ...args]),
  }
}

async function createWorkloads({ cluster, kubectl: run, create, namespace }: Stage): Promise<void> {
  await applyRights(cluster)
  await create(JSON.stringify(policyReportDefinition))
  await create(definitionOf({ group: 'argoproj.io', kind: 'Rollout', plural: 'rollouts' }, { status: false }))
  await until('the reports', async () => (await run('get policyreports.wgpolicyk8s.io')).code === 0)
  await until('rollouts', async () => (await run('get rollouts.argoproj.io')).code === 0)
  await namespace('shop')
  await create(JSON.stringify(otherReport))
  for (const name of ['web', 'db']) await must(run(`create deployment ${name} --image=nginx:1.25.1 -n shop`))
  await must(run('annotate deployment web -n shop patchline.dev/strategy=minor patchline.dev/skip=1.25.4'))
  await must(run('create cronjob night --image=nginx:1.25.1 --schedule=@daily -n shop'))
  await must(run('run alone --image=nginx:1.25.1 -n shop'))
  const rollout = {
    apiVersion: 'argoproj.io/v1',
    kind: 'Rollout',
    metadata: { name: 'canary', namespace: 'shop' },
    spec: { template: { spec: { containers: [{ name: 'main', image: 'nginx:1.25.1' }] } } },
  }
  await must(run('create -f -', JSON.stringify(rollout)))
}

/** Has the audit write its reports, Events and state, and ends it. */
async function auditOnce(t: Test, { cluster }: Stage, list: Installed['list']): Promise<void> {
  const registry = await startMemoryRegistry({ repositories: { 'library/nginx': ['1.25.1', '1.25.5'] } })
  t.teardown(() => registry.close())
  const folder = t.testdir()
  const kubeconfig = join(folder, 'audit.kubeconfig')
  writeFileSync(kubeconfig, await serviceAccountConfig(cluster))
  mkdirSync(join(folder, 'audit'))
  const audit = await startAudit({
    directory: join(folder, 'audit'),
    configuration: `
publicRegistries: false
registries: [{ host: docker.io, endpoint: '${registry.origin}', insecure: true }]
kubernetes: { kubeconfig: ${kubeconfig} }
audit: { namespaces: [shop] }`,
    environment: {},
  })
  t.teardown(() => audit.kill())
  await until('a report for each', async () => (await list('policyreports -n shop')).length >= 5)
  await until('what the audit keeps', async () => (await list(`configmaps -n ${ownNamespace}`)).length >= 3)
  await until('Events', async () =>
    (await list('events -n shop')).some(({ metadata }) => metadata.name.startsWith('patchline-')),
  )
  t.equal(await audit.stop(), 0)
}
