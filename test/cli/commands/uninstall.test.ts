import { join } from 'node:path'
import t from 'tap'
import { runCommand } from '../../../src/cli/index.ts'
import { answer, refuse, startApiServer } from '../../support/kubernetes/fake-api-server.ts'

async function uninstall(argv: readonly string[], environment: Readonly<Record<string, string>>) {
  const output = { out: '', err: '' }
  const code = await runCommand(['uninstall', ...argv], {
    environment,
    isInteractive: false,
    out: text => void (output.out += text),
    err: text => void (output.err += text),
    readFile: () => '',
  })
  return { code, ...output }
}

t.test('the cluster is that of KUBECONFIG, where paths that are not there are passed over', async t => {
  const server = await startApiServer((received, response) =>
    received.url.pathname === '/version'
      ? answer(200, { gitVersion: 'v1.37.2' })(received, response)
      : refuse(404, 'not found')(received, response),
  )
  t.teardown(() => server.close())
  const folder = t.testdir()
  const missing = join(folder, 'missing')
  const KUBECONFIG = `${missing}:${server.kubeconfig(folder)}`
  t.match(await uninstall(['--dry-run'], { KUBECONFIG }), {
    code: 0,
    out: 'nothing of patchline was found\n',
  })
  t.match(await uninstall(['--dry-run'], { KUBECONFIG: missing }), {
    code: 1,
    out: '',
    err: `patchline: load the Kubernetes configuration: no file that KUBECONFIG names exists: ${missing}`,
  })
})

t.test('a name that no object can have is refused before anything is removed', async t => {
  for (const [argv, err] of [
    [['-n', 'a=b'], /No namespace can have this name: it has lower-case letters, digits and dashes\.\n/],
    [['--configuration', 'A'], /No webhook configuration can have this name: /],
  ] as const)
    t.match(await uninstall(argv, {}), { code: 1, out: '', err })
})
