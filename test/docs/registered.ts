import type { Command } from './commands.ts'

/** Why no test runs a command. */
export type Reason =
  | 'needs a container engine'
  | 'needs a cluster provider'
  | 'needs a pod that runs, and the test clusters have no nodes'
  | 'needs the network'
  | 'runs the tests'

/** How a test runs a command, or why none does. */
export type How =
  /** In a folder with the files of `test/docs/files` and of the page, with a registry in memory in place of the public ones. */
  | { readonly by: 'stage'; readonly exits: number; readonly compares: boolean }
  /** In a cluster where Patchline warns and refuses, as administrator. */
  | { readonly by: 'cluster'; readonly exits: number; readonly compares: boolean }
  /** In a cluster without Patchline, in a checkout: what installs and removes it. */
  | { readonly by: 'installation'; readonly exits: number; readonly compares: boolean }
  /** Another test runs it, by this text. */
  | { readonly by: 'test'; readonly file: string; readonly text: string }
  | { readonly by: 'none'; readonly because: Reason }

interface Expected {
  /** The exit code; 0 if not given. */
  readonly exits?: number
  /** Whether the page's output is what is printed, as it is if not given; a line `…` stands for any lines. */
  readonly compares?: boolean
}

const inPlace =
  <const By extends 'stage' | 'cluster' | 'installation'>(by: By) =>
  ({ exits = 0, compares = true }: Expected = {}) => ({ by, exits, compares })

const stage = inPlace('stage')
const cluster = inPlace('cluster')
const installation = inPlace('installation')
const test = (file: string, text: string): How => ({ by: 'test', file, text })
const none = (because: Reason): How => ({ by: 'none', because })

const chartTest = 'test/cluster/chart.test.ts'
const manifestsTest = 'test/cluster/manifests.test.ts'

const pods = none('needs a pod that runs, and the test clusters have no nodes')

/**
 * How each command of the pages is run: the page, how the command begins, how. Where several rows fit, the longest beginning counts.
 * A row that fits no command is an error, as is a command without a row.
 */
export const registered: readonly (readonly [page: string, beginning: string, how: How])[] = [
  ['README.md', 'npm ci && npm run demo', test('test/demo.test.ts', 'scripts/demo.ts')],
  ['README.md', 'npm test', none('runs the tests')],
  ['README.md', 'npx patchline check', stage({ exits: 2 })],
  ['README.md', 'printf', stage({ exits: 2 })],
  ['README.md', 'helm install', test(chartTest, `'install', 'patchline'`)],
  ['README.md', 'kubectl apply -k manifests', installation()],
  ['README.md', 'npx patchline certs --patch', installation()],
  ['README.md', 'kubectl label namespace', cluster()],
  ['README.md', 'npx patchline explain', cluster()],
  ['README.md', 'npx patchline audit', cluster({ exits: 2, compares: false })],

  [
    'docs/image-watcher.md',
    'curl -s',
    test('test/app/watch/document.test.ts', 'each command of the page does'),
  ],

  ['docs/audit.md', 'patchline audit --once', cluster({ exits: 2, compares: false })],
  ['docs/audit.md', 'kubectl', cluster()],
  ['docs/audit.md', 'TOKEN=', cluster()],
  ['docs/audit.md', 'get', pods],

  ['docs/availability.md', 'kubectl delete validatingwebhookconfiguration', installation()],

  [
    'docs/certificates.md',
    'kubectl -n patchline-system patch secret',
    test('test/cluster/managed-certificates.test.ts', 'patchline-authority'),
  ],

  ['docs/configuration.md', 'kubectl', cluster()],

  ['docs/install.md', 'helm install', test(chartTest, `'install', 'patchline'`)],
  ['docs/install.md', 'helm test', test(chartTest, `'test', 'patchline'`)],
  ['docs/install.md', 'helm upgrade', test('test/integration/chart.test.ts', 'valueSets')],
  ['docs/install.md', 'kubectl apply -k manifests', test(manifestsTest, `run('apply -f -', text)`)],
  ['docs/install.md', 'npx patchline certs --patch', test(manifestsTest, 'certsPatch(cluster')],
  ['docs/install.md', 'npx patchline doctor', test('test/cli/commands/doctor.test.ts', `['doctor']`)],
  ['docs/install.md', 'kubectl create deployment', test(chartTest, 'create deployment probe')],

  ['docs/k8supdater.md', 'patchline migrate', stage()],

  ['docs/mirror-operator.md', 'npx patchline check', stage({ exits: 2 })],

  ['docs/ml-operator.md', 'export', stage()],
  ['docs/ml-operator.md', 'npx patchline notify --list', stage()],
  ['docs/ml-operator.md', 'printf', stage({ exits: 2 })],
  ['docs/ml-operator.md', 'kubectl apply -f mojaloop.yaml', cluster()],

  ['docs/modes.md', 'npx patchline audit', cluster({ exits: 2 })],
  ['docs/modes.md', 'npx patchline explain', cluster()],
  ['docs/modes.md', 'kubectl', cluster()],
  ['docs/modes.md', 'kubectl -n shop create deployment late', cluster({ exits: 1 })],
  ['docs/modes.md', 'kubectl delete validatingwebhookconfiguration', installation()],

  ['docs/notifications.md', 'export', stage()],
  ['docs/notifications.md', 'npx patchline notify --list', stage()],
  [
    'docs/notifications.md',
    'npx patchline notify --test',
    test('test/cli/commands/notify.test.ts', `'--test', 'ops'`),
  ],
  ['docs/notifications.md', 'kubectl', cluster()],

  ['docs/policies.md', 'kubectl label', cluster({ compares: false })],
  ['docs/policies.md', 'kubectl get', cluster()],

  ['docs/quick-start.md', 'npm ci && npm run demo', test('test/demo.test.ts', 'scripts/demo.ts')],
  ['docs/quick-start.md', 'npx patchline check', stage({ exits: 2 })],
  ['docs/quick-start.md', 'printf', stage({ exits: 2 })],
  ['docs/quick-start.md', 'npx patchline explain', stage()],
  ['docs/quick-start.md', 'kind', none('needs a cluster provider')],
  ['docs/quick-start.md', 'docker build', none('needs a container engine')],
  ['docs/quick-start.md', 'npx patchline audit', cluster({ exits: 2 })],
  ['docs/quick-start.md', 'kubectl apply -k manifests', installation()],
  ['docs/quick-start.md', 'npx patchline certs --patch', installation()],
  ['docs/quick-start.md', 'kubectl -n patchline-system rollout status', pods],
  ['docs/quick-start.md', 'kubectl', cluster()],
  [
    'docs/quick-start.md',
    'kubectl -n first create deployment api --image=nginx:1.25.1',
    cluster({ exits: 1 }),
  ],

  ['docs/registries.md', 'kubectl', cluster()],

  ['docs/runbooks.md', 'kubectl', cluster()],
  ['docs/runbooks.md', 'kubectl -n patchline-system logs', pods],
  ['docs/runbooks.md', 'kubectl -n patchline-system port-forward', pods],
  ['docs/runbooks.md', 'TOKEN=', cluster()],
  ['docs/runbooks.md', 'curl', pods],

  ['docs/scan.md', 'patchline', test('test/scan/docs.test.ts', 'docs/scan.md')],
  ['docs/scan.md', 'helm template', test('test/scan/docs.test.ts', 'docs/scan.md')],

  ['docs/troubleshooting.md', 'npx patchline explain', cluster()],
  ['docs/troubleshooting.md', 'kubectl', cluster()],

  ['docs/uninstall.md', 'npx patchline uninstall', installation()],
  ['docs/uninstall.md', 'kubectl delete -k manifests', installation()],
  ['docs/uninstall.md', 'kubectl delete crd', test(chartTest, 'delete crd patchpolicies.patchline.dev')],
  [
    'docs/uninstall.md',
    'kubectl -n patchline-system delete secret',
    test(chartTest, 'delete secret patched'),
  ],

  ['docs/upgrade.md', 'helm upgrade', test(chartTest, `['upgrade', 'patchline', chart`)],
  ['docs/upgrade.md', 'helm rollback', test(chartTest, `'rollback', 'patchline'`)],
  ['docs/upgrade.md', 'kubectl --namespace', test(chartTest, 'delete deployment patchline patchline-audit')],
  ['docs/upgrade.md', 'helm install', test(chartTest, `'--take-ownership'`)],
  ['docs/upgrade.md', 'kubectl apply -k manifests', test(manifestsTest, `run('apply -f -', text)`)],
]

/** How a command is run; undefined where no row fits. */
export function howToRun({ page, text }: Pick<Command, 'page' | 'text'>): How | undefined {
  const [row] = registered
    .filter(([where, beginning]) => where === page && text.startsWith(beginning))
    .toSorted(([, one], [, other]) => other.length - one.length)
  return row?.[2]
}
