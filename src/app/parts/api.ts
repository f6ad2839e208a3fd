import { kubeConfigSource } from './access.ts'
import type { ComposedCatalog } from './catalog.ts'
import { composeClientAccess } from './client-access.ts'
import { followPair, usable } from './serving-pair.ts'
import { composeVerdicts } from './verdicts.ts'
import { startWatching } from './watching.ts'
import { listenAt, type Shutdown } from '../process/lifecycle.ts'
import { version } from '../process/version.ts'
import { watchClientAuthorities } from '../../certificates/index.ts'
import type { Config } from '../../config/index.ts'
import { createApiServer, type ApiServer, type PemPair } from '../../http/index.ts'
import type { Logger } from '../../telemetry/index.ts'

interface ApiParts extends Pick<ComposedCatalog, 'catalog' | 'schemes'> {
  readonly log: Logger
}

/** Starts the server that answers other programs where the configuration has a port for it. */
export async function composeApi(
  config: Config,
  parts: ApiParts,
  shutdown: Shutdown,
): Promise<number | undefined> {
  const { port } = config.api
  return port === undefined ? undefined : startApi({ ...config, port }, parts, shutdown)
}

/** Starts the server that answers other programs; the port that it listens on. @throws Error that names the keys of the configuration. */
export async function startApi(
  config: Config & { readonly port: number },
  { log, ...composed }: ApiParts,
  shutdown: Shutdown,
): Promise<number> {
  const { api, watch, webhook, strategy, port } = config
  let server: ApiServer | undefined
  const access = await composeClientAccess({ ...api, log, kubeConfig: kubeConfigSource(config) })
  const authorities = await authoritiesOf(config, {
    log,
    shutdown,
    onAuthorities: changed => server?.replaceAuthorities(changed),
  })
  const pair = await pairOf(config, {
    log,
    shutdown,
    onPair: changed => server?.replaceCertificate(changed),
  })
  server = createApiServer({
    source: composeVerdicts(composed),
    log,
    now: Date.now,
    version,
    strategy,
    lookupBudget: api.lookupBudgetMilliseconds,
    admissionBudget: webhook.lookupBudgetMilliseconds,
    watches: await startWatching(config, { ...composed, log }, shutdown),
    hooks: watch.hooks,
    elapsed: () => performance.now(),
    clients: {
      requestsPerMinute: api.requestsPerMinute,
      ...(access !== undefined && { access }),
      ...(authorities !== undefined && { client: { authorities, names: api.clientNames } }),
    },
    ...(pair !== undefined && { pair }),
  })
  shutdown.defer(() => server.close())
  return listenAt({ section: 'api', address: api.address, port }, server)
}

async function pairOf(
  { api: { certificateFile, keyFile } }: Config,
  follower: Parameters<typeof followPair>[1],
): Promise<PemPair | undefined> {
  if (certificateFile === undefined || keyFile === undefined) return undefined
  return followPair({ certificateFile, keyFile, keys: 'api.certificateFile and api.keyFile' }, follower)
}

interface AuthoritiesFollower {
  readonly log: Logger
  readonly shutdown: Shutdown
  readonly onAuthorities: (authorities: string) => void
}

async function authoritiesOf(
  { api: { clientCaFile: file } }: Config,
  { log, shutdown, onAuthorities }: AuthoritiesFollower,
): Promise<string | undefined> {
  if (file === undefined) return undefined
  const watching = watchClientAuthorities({
    file,
    onChange(authorities) {
      onAuthorities(authorities)
      log.info({}, 'authorities of client certificates replaced')
    },
    onProblem: problem => log.error({ err: problem }, 'client authorities not replaced, the old ones stay'),
  })
  return usable(watching, { shutdown, next: 'api.clientCaFile' })
}
