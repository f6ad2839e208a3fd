import { Option, type Command } from 'commander'
import { loadClusterFacts, type ClusterFacts } from '../../app/index.ts'
import type { Config } from '../../config/index.ts'
import { referenceOf } from '../../image/index.ts'
import {
  bookOf,
  noPolicies,
  offersUnder,
  outcomeOf,
  rulesFor,
  withFilePolicies,
  type PolicySource,
  type Subject,
} from '../../policy/index.ts'
import { annotationsOf, imagesOf, labelsOf } from '../../workload/index.ts'
import { loadConfig } from '../input/arguments.ts'
import { evaluateOne, supportOf } from '../input/evaluate-one.ts'
import {
  policiesIn,
  workloadNamed,
  workloadsIn,
  type FoundWorkload,
  type NamedWorkload,
} from '../input/explained-objects.ts'
import {
  addRegistryOptions,
  allowing,
  collect,
  labelOf,
  labelsFrom,
  personalPlaces,
  type RegistryOptions,
} from '../input/options.ts'
import { sourceFromRegistries, type CheckSource } from '../input/tag-source.ts'
import { commandLineAdvice } from '../print/advice.ts'
import { printExplained, type ExplainedImage } from '../print/explained.ts'
import { exitCodes, UsageError, type ExitCode, type Terminal } from '../terminal/terminal.ts'

interface ExplainOptions extends RegistryOptions {
  readonly filename?: string
  readonly namespace: string
  readonly policy?: readonly string[]
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly config?: string
  readonly kubeconfig?: string
  readonly context?: string
  readonly output: 'text' | 'json'
}

const examples = `
Examples:
  $ patchline explain -n shop deployment/web
  $ patchline explain -n shop -f web.yaml                        as if it were applied now
  $ patchline explain -n shop -f web.yaml --policy policy.yaml --namespace-labels env=prod   without a cluster`

/** Adds `patchline explain`. */
export function addExplain(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const command = program
    .command('explain')
    .description(
      'Print step by step what decides about the images of a workload: policies, labels, annotations, exceptions.',
    )
    .argument('[workload]', 'a workload of the cluster: deployment/web')
    .option('-f, --filename <file>', 'workloads in a file in its place')
    .option('-n, --namespace <name>', 'the namespace', labelOf('namespace'), 'default')
    .option(
      '--policy <file>',
      'policies and exceptions in place of those of the cluster (repeatable)',
      collect,
    )
    .option('--namespace-labels <labels>', 'where no cluster is asked: env=prod,team=shop', labelsFrom)
    .option('-c, --config <file>', 'configuration file')
    .option('--kubeconfig <file>', 'by default KUBECONFIG, then ~/.kube/config')
    .option('--context <name>', 'a context of the kubeconfig')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
  addRegistryOptions(command)
    .addHelpText('after', examples)
    .action(async (workload: string | undefined, options: ExplainOptions) => {
      context.exit(await explain(workload, options, context.terminal))
    })
}

async function explain(
  workload: string | undefined,
  options: ExplainOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  const config = configOf(options, terminal)
  const facts = await factsFor(workload, { options, config, terminal })
  try {
    for (const problem of facts.problems) terminal.err(`patchline: ${problem}\n`)
    const references = facts.workloads.flatMap(({ kind, object }) =>
      imagesOf(kind, object).map(({ image }) => image),
    )
    const source = await sourceFromRegistries(allowing(config, options), {
      references,
      anyRegistry: options.config === undefined,
      personal: personalPlaces(terminal, options),
      whole: false,
      advice: commandLineAdvice(options.config !== undefined),
    })
    try {
      const explained = await Promise.all(
        facts.workloads.map(found => explainWorkload(found, { facts, config, source })),
      )
      terminal.out(printExplained(explained.flat(), options.output))
      return exitCodes.fine
    } finally {
      await source.close()
    }
  } finally {
    await facts.close()
  }
}

function configOf({ config: path, kubeconfig }: ExplainOptions, terminal: Terminal): Config {
  const config = loadConfig(path, terminal)
  return { ...config, kubernetes: { ...config.kubernetes, ...(kubeconfig !== undefined && { kubeconfig }) } }
}

/** What decides, and about what. */
interface Facts {
  readonly workloads: readonly FoundWorkload[]
  readonly policies: PolicySource
  /** Policies and exceptions that do not count, and why. */
  readonly problems: readonly string[]
  labelsOf(namespace: string): Promise<Readonly<Record<string, string>> | undefined>
  close(): Promise<void>
}

interface Asked {
  readonly options: ExplainOptions
  readonly config: Config
  readonly terminal: Terminal
}

async function factsFor(workload: string | undefined, asked: Asked): Promise<Facts> {
  const { filename, namespace, policy, namespaceLabels = {} } = asked.options
  if ((workload === undefined) === (filename === undefined))
    throw new UsageError('name a workload of the cluster (deployment/web), or -f FILE')
  const isAlone = policy !== undefined || asked.config.kubernetes.policies === 'off'
  if (filename !== undefined && isAlone) {
    const { terminal, config } = asked
    const workloads = workloadsIn(filename, { namespace, terminal, custom: config.workloads })
    const given = policy === undefined ? { ...noPolicies, now: Date.now } : policiesIn(policy, asked.terminal)
    const policies = withFilePolicies(given, asked.config)
    return { workloads, policies, problems: [], labelsOf: async () => namespaceLabels, close: async () => {} }
  }
  return factsOfCluster(workload, asked)
}

async function factsOfCluster(
  workload: string | undefined,
  { options, config, terminal }: Asked,
): Promise<Facts> {
  const { filename, namespace, policy, context } = options
  const { workloads: custom } = config
  const inFile = filename === undefined ? [] : workloadsIn(filename, { namespace, terminal, custom })
  const named = workload === undefined ? undefined : workloadNamed(workload, custom)
  const given = policy && withFilePolicies(policiesIn(policy, terminal), config)
  const isOptional = filename !== undefined && policy === undefined
  try {
    const { readCluster } = await loadClusterFacts()
    const cluster = await readCluster(config, context)
    const live = named && (await foundIn(cluster, { ...named, namespace }))
    const workloads = live === undefined ? inFile : [live]
    return { ...cluster, workloads, policies: given ?? cluster.policies }
  } catch (error) {
    throw notAsked(
      error,
      isOptional ? '; with --policy FILE, or kubernetes.policies: off, none is asked' : '',
    )
  }
}

async function foundIn(
  cluster: Pick<ClusterFacts, 'workload'>,
  name: NamedWorkload & Pick<FoundWorkload, 'namespace'>,
): Promise<FoundWorkload> {
  const { kind, namespace } = name
  return { kind, namespace, object: await cluster.workload(name) }
}

function notAsked(error: unknown, hint: string): UsageError {
  const why = error instanceof Error ? error.message : String(error)
  return new UsageError(`the cluster cannot be asked: ${why}${hint}`, { cause: error })
}

interface ExplainedBy {
  readonly facts: Facts
  readonly config: Config
  readonly source: CheckSource
}

async function explainWorkload(
  { kind, namespace, object }: FoundWorkload,
  { facts, config, source }: ExplainedBy,
): Promise<readonly ExplainedImage[]> {
  const subject: Subject = {
    namespace,
    namespaceLabels: await facts.labelsOf(namespace),
    group: kind.group,
    kind: kind.kind,
    labels: labelsOf(object),
    annotations: annotationsOf(object),
  }
  const book = bookOf({ defaults: config, ownNamespace: config.ownNamespace }, facts.policies)
  return Promise.all(
    imagesOf(kind, object).map(async (image): Promise<ExplainedImage> => {
      const subjectImage = { container: image.container, reference: referenceOf(image.image) }
      const rules = rulesFor(subjectImage, subject, book)
      const offers = offersUnder(rules)
      const now = facts.policies.now()
      const finding = await evaluateOne(image.image, offers, source)
      const outcome = outcomeOf(rules, finding, { subject, now })
      return {
        object,
        image,
        finding,
        support: supportOf(finding.reference, { source, rule: offers.rule, now }),
        explaining: { image: subjectImage, subject, book, rules, finding, outcome, now },
      }
    }),
  )
}
