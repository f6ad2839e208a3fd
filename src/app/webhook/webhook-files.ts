import { type ServingPair, watchClientAuthorities, watchWebhookPaths } from '../../certificates/index.ts'
import { followPair, usable } from '../parts/serving-pair.ts'
import type { Shutdown } from '../process/lifecycle.ts'
import type { Config } from '../../config/index.ts'
import type { WebhookServer, WebhookServerOptions } from '../../http/index.ts'
import type { Logger, Metrics } from '../../telemetry/index.ts'

/** What the webhook and the API server know each other by, as files say it. */
export interface FollowedFiles {
  readonly options: Pick<WebhookServerOptions, 'pair' | 'client' | 'paths'>
  /** From now on what changes goes to the webhook. */
  follow(webhook: WebhookServer): void
}

interface Observed {
  readonly log: Logger
  readonly metrics: Metrics
  readonly intervalMilliseconds: number | undefined
}

/**
 * Reads the serving pair, the authorities of client certificates and the secret paths, and watches them.
 * @throws Error that names the key of the configuration and what to do.
 */
export async function composeWebhookFiles(
  { webhook: config }: Config,
  observed: Observed,
  shutdown: Shutdown,
): Promise<FollowedFiles> {
  let follower: WebhookServer | undefined
  const following = {
    ...observed,
    shutdown,
    hand(change: (webhook: WebhookServer) => void): void {
      if (follower !== undefined) change(follower)
    },
  }
  const isManaged = config.certificates.source === 'managed'
  const pair = isManaged ? undefined : await watchPair(config, following)
  const authorities = await watchAuthorities(config, following)
  // Managed paths come later: none is accepted until then.
  const paths = isManaged ? [] : await watchPaths(config, following)
  return {
    options: {
      pair,
      ...(authorities !== undefined && { client: { authorities, names: config.clientNames } }),
      ...(paths !== undefined && { paths }),
    },
    follow: webhook => void (follower = webhook),
  }
}

interface Following extends Observed {
  readonly shutdown: Shutdown
  readonly hand: (change: (webhook: WebhookServer) => void) => void
}

type WebhookConfig = Config['webhook']

async function watchPair(
  { certificateFile, keyFile }: WebhookConfig,
  { hand, metrics, ...following }: Following,
): Promise<ServingPair> {
  if (certificateFile === undefined || keyFile === undefined)
    throw new Error(
      'webhook.certificateFile and webhook.keyFile are not configured: patchline certs makes a pair',
    )
  const files = { certificateFile, keyFile, keys: 'webhook.certificateFile and webhook.keyFile' }
  const pair = await followPair(files, {
    ...following,
    onPair(changed) {
      hand(webhook => webhook.replaceCertificate(changed))
      metrics.setCertificateExpiry(changed.expiresAt)
    },
  })
  metrics.setCertificateExpiry(pair.expiresAt)
  return pair
}

async function watchAuthorities(
  { clientCaFile: file }: WebhookConfig,
  { log, intervalMilliseconds, shutdown, hand }: Following,
): Promise<string | undefined> {
  if (file === undefined) return undefined
  const watching = watchClientAuthorities({
    file,
    intervalMilliseconds,
    onChange(authorities) {
      hand(webhook => webhook.replaceAuthorities(authorities))
      log.info({}, 'authorities of client certificates replaced')
    },
    onProblem: problem => log.error({ err: problem }, 'client authorities not replaced, the old ones stay'),
  })
  const next = 'webhook.clientCaFile: the authority that signs the client certificate of the API server'
  return usable(watching, { shutdown, next })
}

async function watchPaths(
  { pathFile: file }: WebhookConfig,
  { log, intervalMilliseconds, shutdown, hand }: Following,
): Promise<readonly string[] | undefined> {
  if (file === undefined) return undefined
  const watching = watchWebhookPaths({
    file,
    intervalMilliseconds,
    onChange(paths) {
      hand(webhook => webhook.replacePaths(paths))
      log.info({ paths: paths.length }, 'paths of the webhook replaced')
    },
    onProblem: problem => log.error({ err: problem }, 'paths of the webhook not replaced, the old ones stay'),
  })
  return usable(watching, { shutdown, next: 'webhook.pathFile; run patchline certs --patch, which makes it' })
}
