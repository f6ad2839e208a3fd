import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { execute } from '../support/program/execute.ts'
import { freePorts } from '../support/network/free-ports.ts'
import { startProgram, untilReady, type Program } from '../support/program/program.ts'
import { toolPath, type Tool } from '../support/program/tool-path.ts'
import { createAuthority, issueCertificate, type KeyPair } from './certificates.ts'

/** A Kubernetes API server with its controllers: workloads get their Pods, which stay Pending for want of a node. */
export interface ControlPlane {
  /** The URL of the API server. */
  readonly server: string
  /** The path of a kubeconfig with every right, as JSON, with one cluster, one user and the context `test`. */
  readonly kubeconfig: string
  /** A temporary folder: kubeconfig, logs, caches; gone after close. */
  readonly directory: string
  /** Names objects, as arguments of `kubectl delete`, that close removes from a cluster that outlives the test. */
  removeAtEnd(args: readonly string[]): void
  /** Ends all programs and starts them again, with what etcd holds; only of a cluster of the test's own. */
  restart(): Promise<void>
  close(): Promise<void>
}

interface ControlPlaneOptions {
  /** Added to the kube-apiserver command line, such as `--watch-cache=false`. With any, one is started in every case. */
  readonly apiServerArguments?: readonly string[]
}

interface Credentials {
  readonly authority: KeyPair
  readonly admin: KeyPair
}

/** What the programs of a control plane are started with, each time the same. */
interface Site {
  readonly directory: string
  readonly server: string
  readonly kubeconfig: string
  readonly credentials: Credentials
  readonly ports: Readonly<Record<'client' | 'peer' | 'secure', number>>
  readonly apiServerArguments: readonly string[]
}

// Seven seconds on two idle cores; this is for a machine that runs other tests at the same time.
const readyWithinMs = 120_000

/** Starts etcd, kube-apiserver and kube-controller-manager, or takes the cluster that KUBECONFIG_UNDER_TEST names. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const directory = await mkdtemp(join(tmpdir(), 'patchline-control-plane-'))
  const given = process.env['KUBECONFIG_UNDER_TEST'] || undefined
  const existing = options.apiServerArguments === undefined ? given : undefined
  const programs: Program[] = []
  const removals: (readonly string[])[] = []
  const kubeconfig = join(directory, 'admin.kubeconfig')
  // A cluster of ours is thrown away whole.
  const commands = () => (existing === undefined ? [] : removalCommands(kubeconfig, removals.splice(0)))
  // A test that throws outside of its subtests ends the process, and no teardown is waited for.
  const atExit = (): void => {
    for (const args of commands()) spawnSync(toolPath('kubectl'), args)
  }
  process.once('exit', atExit)
  // Clients before servers, or each would spend its grace looking for the other.
  async function stopPrograms(): Promise<void> {
    for (const program of programs.splice(0).toReversed()) await program.stop()
  }
  async function close(): Promise<void> {
    try {
      await removeAll(commands())
    } finally {
      process.removeListener('exit', atExit)
      await stopPrograms()
      await rm(directory, { recursive: true, force: true })
    }
  }

  try {
    const site = existing === undefined ? await prepare(directory, options) : undefined
    if (site !== undefined) await startPrograms(site, programs)
    const server = site?.server ?? (await takeCluster(existing ?? '', kubeconfig))
    const restart = async (): Promise<void> => {
      if (site === undefined) throw new Error('the cluster of KUBECONFIG_UNDER_TEST is not restarted')
      await stopPrograms()
      await startPrograms(site, programs)
    }
    const removeAtEnd = (args: readonly string[]): void => void removals.push(args)
    return { server, kubeconfig, directory, removeAtEnd, restart, close }
  } catch (error) {
    await close()
    throw error
  }
}

// Under names of ours, for tests put other users into it.
async function takeCluster(existing: string, kubeconfig: string): Promise<string> {
  const view = ['config', 'view', '--minify', '--flatten', '--raw', '--output=json']
  const environment = { KUBECONFIG: existing }
  const { code, stdout, stderr } = await execute(toolPath('kubectl'), view, { environment })
  if (code !== 0) throw new Error(`KUBECONFIG_UNDER_TEST=${existing} cannot be used: ${stderr}`)
  const { clusters, users } = JSON.parse(stdout)
  await writeFile(kubeconfig, kubeconfigOf(clusters[0].cluster, users[0].user), { mode: 0o600 })
  return clusters[0].cluster.server
}

/** All are told to go, the last made first, before any is waited for: a namespace takes seconds. */
function removalCommands(
  kubeconfig: string,
  removals: readonly (readonly string[])[],
): readonly (readonly string[])[] {
  return ['--wait=false', '--timeout=90s'].flatMap(wait =>
    removals
      .toReversed()
      .map(args => [`--kubeconfig=${kubeconfig}`, 'delete', '--ignore-not-found', wait, ...args]),
  )
}

async function removeAll(commands: readonly (readonly string[])[]): Promise<void> {
  const problems = new Set<string>()
  for (const args of commands) {
    const { code, stderr } = await execute(toolPath('kubectl'), args)
    if (code !== 0) problems.add(stderr)
  }
  if (problems.size > 0) throw new Error(`not removed: ${[...problems].join('; ')}`)
}

async function prepare(directory: string, options: ControlPlaneOptions): Promise<Site> {
  const [client = 0, peer = 0, secure = 0] = await freePorts(3)
  const server = `https://127.0.0.1:${String(secure)}`
  const kubeconfig = join(directory, 'admin.kubeconfig')
  const credentials = await writeCredentials(directory)
  await writeFile(kubeconfig, clientOf(credentials, server))
  const { apiServerArguments: added = [] } = options
  const apiServerArguments = [...usualApiServerArguments(directory, { client, secure }), ...added]
  return { directory, server, kubeconfig, credentials, ports: { client, peer, secure }, apiServerArguments }
}

/** Adds each program to the list as it starts, so that the caller can stop those that did when another fails. */
async function startPrograms(site: Site, programs: Program[]): Promise<void> {
  const { directory, server, kubeconfig, credentials } = site
  function start(name: Tool, args: readonly string[]): Program {
    const program = startProgram({ name, path: toolPath(name), args, log: join(directory, `${name}.log`) })
    programs.push(program)
    return program
  }

  const etcd = start('etcd', etcdArguments(directory, site.ports))
  const apiServer = start('kube-apiserver', site.apiServerArguments)
  await untilReady([apiServer, etcd], readyWithinMs, () => found(`${server}/readyz`, credentials))

  const controllers = start('kube-controller-manager', controllerManagerArguments(directory, kubeconfig))
  // Without it no Pod is admitted into the namespace; it also shows that the controllers are at work.
  const serviceAccount = `${server}/api/v1/namespaces/default/serviceaccounts/default`
  await untilReady([controllers, apiServer, etcd], readyWithinMs, () => found(serviceAccount, credentials))
}

async function writeCredentials(directory: string): Promise<Credentials> {
  const authority = createAuthority('control-plane-ca')
  const serving = issueCertificate(authority, {
    commonName: 'kube-apiserver',
    hosts: ['127.0.0.1', '10.0.0.1', 'localhost', 'kubernetes.default.svc'],
  })
  // The API server gives this group every right, whatever RBAC says.
  const admin = issueCertificate(authority, { commonName: 'admin', organization: 'system:masters' })
  const files = {
    'ca.crt': authority.certificate,
    'ca.key': authority.privateKey,
    'apiserver.crt': serving.certificate,
    'apiserver.key': serving.privateKey,
    'service-account.key': issueCertificate(authority, { commonName: 'service-accounts' }).privateKey,
  }
  for (const [name, content] of Object.entries(files)) {
    await writeFile(join(directory, name), content, { mode: 0o600 })
  }
  return { authority, admin }
}

function clientOf({ authority, admin }: Credentials, server: string): string {
  return kubeconfigOf(
    { server, 'certificate-authority-data': base64(authority.certificate) },
    {
      'client-certificate-data': base64(admin.certificate),
      'client-key-data': base64(admin.privateKey),
    },
  )
}

function kubeconfigOf(cluster: object, user: object): string {
  // JSON is YAML, so no writer is needed.
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'admin', user }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'admin' } }],
    'current-context': 'test',
  })
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

function etcdArguments(directory: string, ports: { client: number; peer: number }): readonly string[] {
  const client = `http://127.0.0.1:${String(ports.client)}`
  const peer = `http://127.0.0.1:${String(ports.peer)}`
  return [
    '--name=test',
    `--data-dir=${join(directory, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=test=${peer}`,
    '--unsafe-no-fsync', // the data is thrown away
    '--logger=zap',
    '--log-level=warn',
  ]
}

function usualApiServerArguments(
  directory: string,
  ports: { client: number; secure: number },
): readonly string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${String(ports.client)}`,
    '--bind-address=127.0.0.1',
    // No Pod runs here that would reach it through the Service "kubernetes", and loopback is no address for its endpoints.
    '--endpoint-reconciler-type=none',
    '--advertise-address=127.0.0.1',
    `--secure-port=${String(ports.secure)}`,
    `--tls-cert-file=${join(directory, 'apiserver.crt')}`,
    `--tls-private-key-file=${join(directory, 'apiserver.key')}`,
    `--client-ca-file=${join(directory, 'ca.crt')}`,
    `--service-account-key-file=${join(directory, 'service-account.key')}`,
    `--service-account-signing-key-file=${join(directory, 'service-account.key')}`,
    '--service-account-issuer=https://kubernetes.default.svc',
    '--authorization-mode=RBAC',
    '--allow-privileged=true',
    '--service-cluster-ip-range=10.0.0.0/24',
  ]
}

function controllerManagerArguments(directory: string, kubeconfig: string): readonly string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--service-account-private-key-file=${join(directory, 'service-account.key')}`,
    `--root-ca-file=${join(directory, 'ca.crt')}`,
    // It signs for nodes.
    `--cluster-signing-cert-file=${join(directory, 'ca.crt')}`,
    `--cluster-signing-key-file=${join(directory, 'ca.key')}`,
    '--use-service-account-credentials=true',
    '--leader-elect=false',
    // It serves nothing that a test reads, and its fixed port would meet that of a second control plane.
    '--secure-port=0',
  ]
}

/** True for a 200; undefined for anything else, a refused connection included. */
function found(url: string, { authority, admin }: Credentials): Promise<true | undefined> {
  const { promise, resolve } = Promise.withResolvers<true | undefined>()
  const options = { ca: authority.certificate, cert: admin.certificate, key: admin.privateKey, timeout: 5000 }
  const probe = request(url, { ...options, agent: false }, response => {
    response.resume()
    resolve(response.statusCode === 200 ? true : undefined)
  })
  probe.on('timeout', () => probe.destroy())
  probe.on('error', () => resolve(undefined))
  probe.end()
  return promise
}
