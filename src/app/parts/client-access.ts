import type { KubeConfigSource } from './access.ts'
import type { Config } from '../../config/index.ts'
import { createTokenAccess, type ReadAccess } from '../../http/index.ts'
import { createReadAccess } from '../../kubernetes/index.ts'
import type { Logger } from '../../telemetry/index.ts'

interface Asked extends Pick<Config['api'], 'authentication' | 'tokens'> {
  readonly kubeConfig: KubeConfigSource
  readonly log: Logger
}

/** How the tokens of clients are checked; undefined where none is asked for. @throws KubernetesError where there is no cluster to ask. */
export async function composeClientAccess({
  authentication,
  tokens,
  kubeConfig,
  log,
}: Asked): Promise<ReadAccess | undefined> {
  switch (authentication) {
    case 'off':
      return undefined
    case 'tokens':
      return createTokenAccess(tokens)
    case 'kubernetes':
      return createReadAccess({
        kubeConfig: await kubeConfig(),
        now: () => performance.now(),
        onProblem: problem => log.warn({ reason: problem.message }, 'tokens of readers cannot be reviewed'),
      })
  }
}
