import {
  bundleOf,
  createAuthority,
  nextPathStep,
  nextStep,
  pathKey,
  readAuthorities,
  readPaths,
  writeAuthorities,
  type AuthorityStep,
  type AuthorityTiming,
  type PathStep,
  type StoredAuthorities,
} from '../../certificates/index.ts'
import {
  createSigningRequests,
  createWebhookWatch,
  KubernetesError,
  type HeldSecret,
  type NamedSecret,
  type WatchedWebhooks,
  type WebhookConfigurationState,
} from '../../kubernetes/index.ts'
import type { Metrics } from '../../telemetry/index.ts'
import { createAnswering, type Answering } from './answer-requests.ts'
import { createWake, type Wake } from './wake.ts'
import { createWebhookRepair, type WebhookRepair, type WebhookRepairParts } from './webhook-repair.ts'

/** What the leader needs to look after the authority, the webhook configurations and the requests of the replicas. */
export interface AuthorityTermParts extends Pick<
  WebhookRepairParts,
  'kubeConfig' | 'name' | 'log' | 'mayWrite' | 'signal'
> {
  readonly authorities: NamedSecret
  readonly paths: NamedSecret
  readonly signerName: string
  /** The DNS names that are certified. */
  readonly names: readonly string[]
  /** The user of the replicas; undefined until the API server has said it. */
  readonly username: () => string | undefined
  readonly timing: AuthorityTiming
  readonly metrics: Pick<Metrics, 'countRepair' | 'setRepairsBackedOff' | 'setAuthorityExpiry'>
  /** Called with what a person has to mend; undefined when it is mended. */
  readonly onProblem: (problem: string | undefined) => void
}

/** Does the work of the leader until the signal aborts. */
export async function runAuthorityTerm(parts: AuthorityTermParts): Promise<void> {
  const wake = createWake()
  const onProblem = ({ message }: KubernetesError): void => parts.log.warn({ reason: message }, 'not watched')
  const watching = { ...parts, onChange: wake.ring, onProblem }
  const webhooks = createWebhookWatch(watching)
  const requests = createSigningRequests(watching)
  const tools = { webhooks, answering: createAnswering(parts, requests), repair: createWebhookRepair(parts) }
  const term = new Term(parts, tools)
  try {
    await Promise.all([webhooks.start(), requests.start()])
    await term.run(wake)
  } finally {
    parts.metrics.setAuthorityExpiry(undefined)
    parts.onProblem(undefined)
    await Promise.all([webhooks.close(), requests.close()])
  }
}

interface TermTools {
  readonly webhooks: WatchedWebhooks
  readonly answering: Answering
  readonly repair: WebhookRepair
}

// A step follows from what is stored: more than these in a row are none that a rotation has.
const mostSteps = 6
const afterFailure = 1_000

/** One term of the leader: round after round, each from what is in the cluster. */
class Term {
  readonly #parts: AuthorityTermParts
  readonly #tools: TermTools
  /** The bundle that all webhooks have, and since when (monotonic). */
  #published: Since | undefined
  /** The paths that the Secret holds, and since when. */
  #paths: Since | undefined
  #problem: string | undefined
  #pathProblem = ''
  #injected = ''
  /** Of each part the last failure, so that it is told once. */
  readonly #failures = new Map<string, string>()

  constructor(parts: AuthorityTermParts, tools: TermTools) {
    this.#parts = parts
    this.#tools = tools
  }

  async run(wake: Wake): Promise<void> {
    const { signal } = this.#parts
    while (!signal.aborted) {
      // oxlint-disable-next-line eslint/no-await-in-loop -- one round after the other
      await wake.sleep(await this.#round(), signal)
    }
  }

  /** What is to be done; milliseconds until the next round. Where one part fails the others go on. */
  async #round(): Promise<number> {
    const { timing, signal } = this.#parts
    const isKnown = this.#ours() !== undefined
    const waits = [
      timing.look,
      isKnown ? await this.#attempt('authority', () => this.#stepOn()) : afterFailure,
      isKnown ? await this.#attempt('path', () => this.#pathStep()) : afterFailure,
      await this.#attempt('requests', () => this.#tools.answering.answer(signal)),
    ]
    this.#tools.repair.settled()
    return Math.min(...waits)
  }

  async #attempt(part: string, work: () => Promise<number>): Promise<number> {
    const { signal, log, onProblem } = this.#parts
    try {
      const wait = await work()
      this.#failures.delete(part)
      return wait
    } catch (error) {
      if (!(error instanceof KubernetesError)) throw error
      // Another writer was quicker: what it wrote is looked at next.
      if (error.code === 'conflict' || signal.aborted) return afterFailure
      if (this.#failures.get(part) !== error.message)
        log.warn({ part, reason: error.message }, 'certificates not looked after, trying again')
      this.#failures.set(part, error.message)
      onProblem(error.message)
      return afterFailure
    }
  }

  /** The configurations that are ours to write. */
  #ours(): readonly WebhookConfigurationState[] | undefined {
    const all = this.#tools.webhooks.configurations()
    const injected = all?.flatMap(({ resource, injectedBy }) =>
      injectedBy === undefined ? [] : `${resource}: ${injectedBy}`,
    )
    this.#tellInjected(injected ?? [])
    return all?.filter(({ injectedBy }) => injectedBy === undefined)
  }

  #tellInjected(injected: readonly string[]): void {
    const text = injected.join(', ')
    const remedy = 'remove the annotation, or use the certificates of cert-manager: docs/certificates.md'
    if (text !== this.#injected && text !== '')
      this.#parts.log.error({ annotations: injected, remedy }, 'cert-manager writes the bundle, left alone')
    this.#injected = text
  }

  /** Takes the steps that are due; milliseconds until the next may be. */
  async #stepOn(): Promise<number> {
    for (let steps = 0; steps < mostSteps; steps += 1) {
      // oxlint-disable eslint/no-await-in-loop -- each step follows from the one before
      const held = await this.#parts.authorities.read(this.#parts.signal)
      const stored = readAuthorities(held?.data ?? {})
      const configurations = this.#ours() ?? []
      const step = nextStep(this.#situation(stored, configurations), this.#parts.timing)
      this.#tell(step, stored)
      const wait = await this.#take(step, held, configurations)
      if (wait !== undefined) return wait
      // oxlint-enable eslint/no-await-in-loop
    }
    return afterFailure
  }

  #situation(stored: StoredAuthorities, configurations: readonly WebhookConfigurationState[]) {
    const now = Date.now()
    const bundles = configurations.flatMap(({ webhooks }) => webhooks.map(({ bundle }) => bundle))
    const wanted = stored.kind === 'usable' ? bundleOf(stored.authorities, now) : undefined
    const isPublished = wanted !== undefined && bundles.every(bundle => bundle === wanted)
    this.#published = isPublished ? since(this.#published, wanted) : undefined
    return { stored, bundles, now, publishedFor: ageOf(this.#published) }
  }

  /** Undefined: look at once at what is next. */
  async #take(
    step: AuthorityStep,
    held: HeldSecret | undefined,
    configurations: readonly WebhookConfigurationState[],
  ): Promise<number | undefined> {
    const { authorities: secret, timing, signal, log } = this.#parts
    switch (step.do) {
      case 'make': {
        const made = await createAuthority(Date.now(), timing)
        await secret.write(held, writeAuthorities({ ...step.beside, [step.as]: made }), signal)
        log.info({ authority: made.name, as: step.as, expiresAt: iso(made.expiresAt) }, 'authority made')
        return undefined
      }
      case 'store':
        await secret.write(held, writeAuthorities(step.authorities), signal)
        log.info({ authority: step.authorities.current?.name }, `authority ${step.why}`)
        return undefined
      case 'publish':
        return this.#tools.repair.write({ field: 'bundle', content: step.bundle }, configurations)
      case 'wait':
        return step.milliseconds
      case 'none':
      case 'report':
        return Infinity
    }
  }

  #tell(step: AuthorityStep, stored: StoredAuthorities): void {
    const { onProblem, metrics, log } = this.#parts
    const problem =
      step.do === 'report'
        ? `Secret patchline-authority: ${step.why}; ${remake('patchline-authority')}`
        : undefined
    if (problem !== undefined && problem !== this.#problem)
      log.error(
        { reason: step.do === 'report' ? step.why : '', remedy: remake('patchline-authority') },
        'nothing is signed',
      )
    this.#problem = problem
    onProblem(problem)
    if (stored.kind === 'usable') metrics.setAuthorityExpiry(stored.authorities.current?.expiresAt)
  }

  async #pathStep(): Promise<number> {
    const { paths: secret, timing, signal } = this.#parts
    const held = await secret.read(signal)
    const stored = readPaths(held?.data ?? {})
    this.#paths = stored.kind === 'usable' ? since(this.#paths, stored.paths.join('\n')) : undefined
    const configurations = this.#ours() ?? []
    const paths = configurations.flatMap(({ webhooks }) => webhooks.map(({ secretPath }) => secretPath))
    const step = nextPathStep({ stored, paths, storedFor: ageOf(this.#paths) ?? 0 }, timing)
    return this.#takePath(step, held, configurations)
  }

  async #takePath(
    step: PathStep,
    held: HeldSecret | undefined,
    configurations: readonly WebhookConfigurationState[],
  ): Promise<number> {
    const { paths: secret, signal, log } = this.#parts
    switch (step.do) {
      case 'store':
        await secret.write(held, { [pathKey]: `${step.paths.join('\n')}\n` }, signal)
        log.info({ paths: step.paths.length }, 'secret path made')
        return 0
      case 'publish':
        return this.#tools.repair.write({ field: 'path', content: step.path }, configurations)
      case 'report':
        if (step.why !== this.#pathProblem)
          log.error({ reason: step.why, remedy: remake('patchline-webhook-path') }, 'secret path not read')
        this.#pathProblem = step.why
        return Infinity
      case 'none':
        return Infinity
    }
  }
}

interface Since {
  readonly content: string
  /** Of the monotonic clock, milliseconds. */
  readonly at: number
}

function since(before: Since | undefined, content: string): Since {
  return before?.content === content ? before : { content, at: performance.now() }
}

function ageOf(one: Since | undefined): number | undefined {
  return one === undefined ? undefined : performance.now() - one.at
}

function remake(secret: string): string {
  return `kubectl -n patchline-system patch secret ${secret} -p '{"data":null}' has a new one made`
}

const iso = (instant: number): string => new Date(instant).toISOString()
