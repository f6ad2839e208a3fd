import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { authorityTiming, type AuthorityTiming, type Leaf } from '../../certificates/index.ts'
import type { Config } from '../../config/index.ts'
import type { WebhookServer } from '../../http/index.ts'
import {
  createCertificateRequester,
  createLeader,
  createNamedSecret,
  KubernetesError,
  type Leader,
} from '../../kubernetes/index.ts'
import type { Logger, Metrics } from '../../telemetry/index.ts'
import type { KubeConfigSource } from '../parts/access.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import { runAuthorityTerm } from './authority-term.ts'
import { startReplicaCertificate } from './replica-certificate.ts'

/** What managed certificates are made with. */
export interface ManagedParts {
  readonly log: Logger
  readonly metrics: Metrics
  readonly kubeConfig: KubeConfigSource
  /** For tests: how long certificates last and steps take, where not as `authorityTiming` says. */
  readonly timing?: Partial<AuthorityTiming> | undefined
}

/** The certificates and paths of the webhook as this process requests and renews them. */
export interface ManagedCertificates {
  /** Why the webhook cannot serve; empty where it can. */
  problems(): readonly string[]
  /** From now on certificates and paths go to the webhook, the first ones too. */
  follow(webhook: WebhookServer): void
}

const signerName = 'patchline.dev/webhook-serving'

/**
 * Requests a certificate for this replica, and campaigns for the lease of the one replica that signs for all. Nothing is waited
 * for: the webhook listens without a certificate, and is ready when there is one.
 * @throws KubernetesError `no-config` where there is no cluster.
 */
export async function composeManagedCertificates(
  config: Config,
  parts: ManagedParts,
  shutdown: Shutdown,
): Promise<ManagedCertificates> {
  const shared = await composeShared(config, parts)
  const handed = createHandOver(parts)
  const told: Told = { username: undefined, problem: undefined }
  const replica = startReplicaCertificate({
    ...shared,
    ...handed,
    requester: createCertificateRequester(shared.kubeConfig),
    paths: shared.secret('patchline-webhook-path'),
    onUsername: user => void (told.username = user),
  })
  shutdown.defer(() => replica.close())
  const leader = composeLeader(shared, told)
  leader.start()
  shutdown.defer(() => leader.close())
  return {
    follow: webhook => handed.follow(webhook),
    problems() {
      const problems = replica.problems()
      return problems.length === 0 || told.problem === undefined ? problems : [...problems, told.problem]
    },
  }
}

/** What the replica and the leader of one process tell each other. */
interface Told {
  /** Who this process is, as the API server says it. */
  username: string | undefined
  /** What keeps the leader from signing. */
  problem: string | undefined
}

async function composeShared(
  { ownNamespace: namespace, webhook: { certificates } }: Config,
  { log, metrics, kubeConfig: source, timing }: ManagedParts,
) {
  const kubeConfig = await source()
  const serviceName = `${certificates.service}.${namespace}.svc`
  return {
    kubeConfig,
    namespace,
    name: certificates.configuration,
    names: [serviceName, `${serviceName}.cluster.local`],
    signerName,
    timing: { ...authorityTiming, ...timing },
    log,
    metrics,
    secret: (name: string, mayWrite?: () => boolean) =>
      createNamedSecret({ kubeConfig, namespace, name, ...(mayWrite && { mayWrite }) }),
  }
}

function composeLeader(shared: Awaited<ReturnType<typeof composeShared>>, told: Told): Leader {
  const { kubeConfig, namespace, secret, log } = shared
  const leader: Leader = createLeader({
    kubeConfig,
    namespace,
    name: 'patchline-authority',
    identity: `${hostname()}_${randomUUID()}`,
    onElected: signal =>
      runAuthorityTerm({
        ...shared,
        signal,
        mayWrite,
        authorities: secret('patchline-authority', mayWrite),
        paths: secret('patchline-webhook-path', mayWrite),
        username: () => told.username,
        // oxlint-disable-next-line eslint/no-param-reassign -- this is how the leader tells it
        onProblem: problem => void (told.problem = problem),
      }),
    onLost: () => log.info({}, 'no longer signing'),
    onProblem: problem =>
      problem instanceof KubernetesError
        ? log.warn({ reason: problem.message }, 'signing failed, trying again')
        : log.error({ err: problem }, 'signing failed, trying again'),
  })
  const mayWrite = (): boolean => leader.mayWrite()
  return leader
}

/** Hands the last certificate and the last paths to the webhook, which may come after them. */
function createHandOver({ log, metrics }: Pick<ManagedParts, 'log' | 'metrics'>) {
  let follower: WebhookServer | undefined
  let leaf: Leaf | undefined
  let paths: readonly string[] | undefined
  return {
    follow(webhook: WebhookServer): void {
      follower = webhook
      if (leaf !== undefined) webhook.replaceCertificate(leaf)
      if (paths !== undefined) webhook.replacePaths(paths)
    },
    onLeaf(next: Leaf): void {
      leaf = next
      follower?.replaceCertificate(next)
      metrics.setCertificateExpiry(next.expiresAt)
      metrics.setCertificateRenewal(next.renewAt)
      log.info({ expiresAt: new Date(next.expiresAt).toISOString() }, 'serving pair replaced')
    },
    onPaths(next: readonly string[]): void {
      paths = next
      follower?.replacePaths(next)
    },
  }
}
