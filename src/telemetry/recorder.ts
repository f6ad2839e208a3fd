import type { Endpoint, ReviewEvent } from '../admission/index.ts'
import type { Evaluation } from '../evaluation/index.ts'
import { shortField } from './log-fields.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** Why a request had no response of a review. */
export type ReviewFailure = 'error' | 'undecodable' | 'shed'

/** Counts reviews, and logs those with a message for a person. */
export interface Recorder {
  /** Records a review that was answered, in so many seconds. */
  reviewed(event: ReviewEvent, seconds: number): void
  /** Records a request that was not. */
  failed(endpoint: Endpoint, failure: ReviewFailure): void
}

export interface RecorderOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'isLevelEnabled'>
  readonly metrics: Pick<
    Metrics,
    'countRequest' | 'countInNamespace' | 'countEmergency' | 'observeDuration' | 'countVerdict'
  >
}

/** Creates a recorder. It logs denied, spared, unjudged and warned reviews at level info, each emergency once more, the others at debug. */
export function createRecorder({ log, metrics }: RecorderOptions): Recorder {
  const unlisted = new Set<string>()
  return {
    reviewed(event, seconds) {
      metrics.countRequest(event.endpoint, event.operation, event.decision)
      metrics.countInNamespace(event.namespace, event.endpoint, event.decision)
      metrics.observeDuration(event.endpoint, seconds)
      for (const { verdict } of event.evaluations) metrics.countVerdict(verdict)
      writeLine(event, log)
      recordEmergency(event, { log, metrics })
      logUnlisted(event, unlisted, log)
    },
    failed(endpoint, failure) {
      // The operation is in the body, which could not be read.
      metrics.countRequest(endpoint, 'other', failure)
    },
  }
}

// A cluster requests thousands of reviews an hour that find nothing: only one that a person sees, or that would have been
// refused, is worth a line.
function writeLine(event: ReviewEvent, log: RecorderOptions['log']): void {
  switch (event.decision) {
    case 'denied':
      return log.info(fieldsOf(event), 'review denied')
    case 'warned':
      return log.info(fieldsOf(event), 'review warned')
    case 'unjudged':
      return log.info(fieldsOf(event), 'review not judged')
    case 'spared':
      // The user passed as a controller: the line says which one, so that it can be checked.
      return log.info({ ...fieldsOf(event), user: shortField(event.user) }, 'review spared')
    case 'patched':
    case 'allowed':
    case 'skipped':
      if (log.isLevelEnabled('debug'))
        log.debug({ ...fieldsOf(event), decision: event.decision }, 'review passed')
  }
}

// Who went past a refusal, where, and why, on one line, to be looked into afterwards.
function recordEmergency(
  { uid, operation, kind, namespace, name, user, emergency }: ReviewEvent,
  { log, metrics }: RecorderOptions,
): void {
  if (emergency === undefined) return
  const { policy, reason } = emergency
  metrics.countEmergency(namespace, policy)
  const object = { uid, operation, kind, namespace, name }
  log.info({ ...object, user: shortField(user), policy, reason: shortField(reason) }, 'break-glass used')
}

const mostUnlisted = 1000 // made-up registries must fill neither the memory nor the log

// Only the operator can change the list of registries in the configuration: each missing one is logged once.
function logUnlisted(
  { namespace, evaluations }: ReviewEvent,
  logged: Set<string>,
  log: RecorderOptions['log'],
): void {
  for (const { reason, reference } of evaluations) {
    if (reason !== 'not-allowed' || reference === undefined) continue
    const { registry } = reference
    if (logged.has(registry) || logged.size >= mostUnlisted) continue
    logged.add(registry)
    log.info({ registry: shortField(registry), namespace }, 'registry not in the configuration')
  }
}

function fieldsOf({ uid, endpoint, operation, kind, namespace, name, evaluations }: ReviewEvent) {
  return { uid, endpoint, operation, kind, namespace, name, images: evaluations.map(shown) }
}

function shown({ image, verdict, newest, reason, detail }: Evaluation) {
  // Which secret, why, and the command that helps: too long for a warning.
  const remedy = reason === 'unreadable-credentials' && detail !== undefined && { detail }
  const why = newest === undefined ? { reason, ...remedy } : { newest: shortField(newest) }
  return { image: shortField(image), verdict, ...why }
}
