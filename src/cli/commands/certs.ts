import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { InvalidArgumentError, type Command } from 'commander'
import {
  CertificateError,
  createCertificates,
  nextWebhookPaths,
  parseWebhookPaths,
  writeNew,
  type Certificates,
} from '../../certificates/index.ts'
import {
  applyServingSecret,
  KubernetesError,
  patchCaBundle,
  patchWebhookPath,
  patchWebhookRules,
  readHeldPaths,
} from '../../kubernetes/index.ts'
import { customKinds } from '../../workload/index.ts'
import { loadCluster, loadWorkloads, type ClusterOptions } from '../input/arguments.ts'
import { labelOf, nameOf } from '../input/options.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface CertsOptions extends ClusterOptions {
  readonly namespace: string
  readonly service: string
  readonly secret: string
  readonly configuration: string
  readonly host: readonly string[]
  readonly directory: string
  readonly patch?: true
  readonly newPath?: true
  readonly wait: number
  readonly config?: string
}

/** Adds `patchline certs`. */
export function addCerts(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const command = program
    .command('certs')
    .description(
      'Make a certificate authority and a serving pair for the webhook. The authority’s key is thrown away: the next pair comes with the next authority.',
    )
    .option('-n, --namespace <name>', 'namespace of the service', labelOf('namespace'), 'patchline-system')
    .option('--service <name>', 'service that the API server calls', labelOf('Service'), 'patchline')
    .option(
      '--host <host>',
      'certify this DNS name or IP address too (repeatable)',
      (host, hosts: readonly string[]) => [...hosts, host],
      [],
    )
    .option(
      '-d, --directory <path>',
      'write ca.crt, tls.crt and tls.key there, and print the caBundle',
      'certs',
    )
    .option(
      '--patch',
      'write no files: put the pair and a secret path into the cluster’s Secret, the authority and the path into the webhook configurations',
    )
  addPatchOptions(command)
    .addHelpText('after', examples)
    .action(async (options: CertsOptions) => {
      assertUsed(options, command)
      context.exit(await certs(options, context.terminal))
    })
}

function addPatchOptions(command: Command): Command {
  return command
    .option(
      '--new-path',
      'with --patch: change the secret path; the one before is taken until the next change',
    )
    .option(
      '--wait <seconds>',
      'with --patch: how long API servers have to learn of a further authority, before the pair is replaced',
      secondsOf,
      10,
    )
    .option('--secret <name>', 'with --patch: the Secret', nameOf('Secret'), 'patchline-tls')
    .option(
      '--configuration <name>',
      'with --patch: name of both webhook configurations',
      nameOf('webhook configuration'),
      'patchline',
    )
    .option(
      '-c, --config <file>',
      'with --patch: also add rules for the custom kinds under `workloads` of this configuration to both webhook configurations; nothing else of it is read',
    )
    .option('--kubeconfig <path>', 'with --patch: the cluster, by default that of KUBECONFIG')
    .option('--context <name>', 'with --patch: a context of the kubeconfig')
}

const examples = `
Examples:
  $ patchline certs --patch             make and apply all that the manifests need, or rotate the pair
  $ patchline certs --patch --new-path  the same with another secret path
  $ patchline certs -d out --host patchline.example.com`

const forPatch = ['newPath', 'wait', 'secret', 'configuration', 'config', 'kubeconfig', 'context']

const longestWait = 600 // seconds: more is a mistake

function secondsOf(text: string): number {
  const seconds = Number(text)
  if (/^\d+$/.test(text) && seconds <= longestWait) return seconds
  throw new InvalidArgumentError(`It is a whole number of seconds, at most ${longestWait}.`)
}

// What would be left out silently was meant for something.
function assertUsed({ patch }: CertsOptions, command: Command): void {
  if (patch === true) return
  const unused = command.options.find(
    option =>
      forPatch.includes(option.attributeName()) &&
      command.getOptionValueSource(option.attributeName()) === 'cli',
  )
  if (unused !== undefined)
    throw new UsageError(`${unused.long} is for the cluster: add --patch, or leave it out`)
}

async function certs(options: CertsOptions, terminal: Terminal): Promise<ExitCode> {
  try {
    const service = `${options.service}.${options.namespace}.svc`
    const hosts = [service, `${service}.cluster.local`, ...options.host]
    const certificates = await createCertificates({ hosts, now: Date.now() })
    if (options.patch === true) await patchCluster(certificates, options, terminal)
    else writeFiles(certificates, options.directory, terminal)
    return exitCodes.fine
  } catch (error) {
    if (error instanceof CertificateError || error instanceof KubernetesError)
      throw new UsageError(error.message)
    throw error
  }
}

function writeFiles({ ca, serving }: Certificates, directory: string, terminal: Terminal): void {
  try {
    makeDirectory(directory)
    if (existsSync(join(directory, 'tls.key')))
      terminal.err(`patchline: the pair that is in ${directory} already is replaced\n`)
    writeNew(join(directory, 'ca.crt'), ca.certificate, { secret: false })
    writeNew(join(directory, 'tls.crt'), serving.certificate, { secret: false })
    writeNew(join(directory, 'tls.key'), serving.key, { secret: true })
  } catch (error) {
    throw new UsageError(
      `the pair cannot be written: ${error instanceof Error ? error.message : String(error)}`,
    )
  }
  terminal.err(
    `wrote ca.crt, tls.crt and tls.key to ${directory}; the caBundle for the webhook configurations:\n`,
  )
  terminal.out(`${Buffer.from(ca.certificate).toString('base64')}\n`)
}

// Not recursive: that never returns below some folders of /proc (seen with Node 24.21).
function makeDirectory(directory: string): void {
  if (!existsSync(directory)) mkdirSync(directory)
}

async function patchCluster(
  { ca, serving }: Certificates,
  options: CertsOptions,
  terminal: Terminal,
): Promise<void> {
  const { namespace, secret: name, configuration, config } = options
  const kinds = config === undefined ? [] : customKinds(loadWorkloads(config, terminal))
  const kubeConfig = await loadCluster(options, terminal)
  const authority = ca.certificate
  const secret = { kubeConfig, namespace, name }
  const held = await readHeldPaths(secret)
  const paths = pathsAfter(held?.paths ?? '', options)
  const [path = ''] = paths
  // The bundle first: it keeps the old authority beside the new one, so that whichever pair a replica serves is trusted.
  for (const { resource, outcome } of await patchCaBundle({ kubeConfig, authority, name: configuration }))
    terminal.out(`${resource}/${configuration}: caBundle ${outcome}\n`)
  if (held !== undefined) await letApiServersLearn(options, terminal)
  const { resourceVersion = '' } = held ?? {}
  await applyServingSecret({
    ...secret,
    ...serving,
    authority,
    paths: `${paths.join('\n')}\n`,
    resourceVersion,
  })
  terminal.out(`secret ${namespace}/${name} applied\n`)
  // The path last: under one that no replica knows nothing would be checked.
  for (const { resource, outcome } of await patchWebhookPath({ kubeConfig, path, name: configuration }))
    terminal.out(`${resource}/${configuration}: path ${outcome}\n`)
  await addRules({ kubeConfig, kinds }, configuration, terminal)
}

/**
 * Each API server has a watch of its own, and none says how far it is. The kubelet may write the Secret into a pod at once: reviews of an
 * API server that does not trust the new pair yet would fail.
 */
async function letApiServersLearn({ wait }: CertsOptions, terminal: Terminal): Promise<void> {
  if (wait === 0) return
  terminal.out(`waiting ${wait} s until every API server trusts the new authority\n`)
  await sleep(wait * 1000)
}

// Separately: what an administrator has narrowed in the manifests' own rules stays.
async function addRules(
  patch: Parameters<typeof patchWebhookRules>[0],
  configuration: string,
  terminal: Terminal,
): Promise<void> {
  if (patch.kinds.length === 0) return
  for (const { resource, outcome } of await patchWebhookRules({ ...patch, name: configuration }))
    terminal.out(`${resource}/${configuration}: rules ${outcome}\n`)
}

function pathsAfter(held: string, { namespace, secret, newPath }: CertsOptions): readonly string[] {
  const what = `secret ${namespace}/${secret}, key path`
  const current = held.trim() === '' ? [] : parseWebhookPaths(held, what)
  return nextWebhookPaths(current, newPath === true)
}
