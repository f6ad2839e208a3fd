import type { Endpoint, ReviewEvent } from '../admission/index.ts'
import type { Evaluation } from '../evaluation/index.ts'
import { cut } from './cut.ts'
import type { Logger } from './logger.ts'
import type { Metrics } from './metrics.ts'

/** Why a request had no review's answer. */
export type ReviewFailure = 'error' | 'undecodable' | 'shed'

/** Counts reviews and writes a line for the ones that somebody was told something in. */
export interface Recorder {
  /** A review was answered, in so many seconds. */
  reviewed(event: ReviewEvent, seconds: number): void
  failed(endpoint: Endpoint, failure: ReviewFailure): void
}

export interface RecorderOptions {
  readonly log: Pick<Logger, 'debug' | 'info' | 'isLevelEnabled'>
  readonly metrics: Pick<Metrics, 'countRequest' | 'countInNamespace' | 'observeDuration' | 'countVerdict'>
}

/** What was refused, spared or warned of goes to the log at level info, the rest at debug. */
export function createRecorder({ log, metrics }: RecorderOptions): Recorder {
  const unlisted = new Set<string>()
  return {
    reviewed(event, seconds) {
      metrics.countRequest(event.endpoint, event.operation, event.decision)
      metrics.countInNamespace(event.namespace, event.endpoint, event.decision)
      metrics.observeDuration(event.endpoint, seconds)
      for (const { verdict } of event.evaluations) metrics.countVerdict(verdict)
      writeLine(event, log)
      tellUnlisted(event, unlisted, log)
    },
    failed(endpoint, failure) {
      // The operation is in the body, which was not read or did not get so far.
      metrics.countRequest(endpoint, 'other', failure)
    },
  }
}

// A cluster asks for thousands of clean reviews an hour: only what somebody was told, or would have been refused, is worth a
// line of everybody's log.
function writeLine(event: ReviewEvent, log: RecorderOptions['log']): void {
  switch (event.decision) {
    case 'denied':
      return log.info(fieldsOf(event), 'review denied')
    case 'warned':
      return log.info(fieldsOf(event), 'review warned')
    case 'unjudged':
      return log.info(fieldsOf(event), 'review not judged')
    case 'spared':
      // Who can pass as a controller is worth a look: the line says who did.
      return log.info({ ...fieldsOf(event), user: cut(event.user) }, 'review spared')
    case 'patched':
    case 'allowed':
    case 'skipped':
      if (log.isLevelEnabled('debug'))
        log.debug({ ...fieldsOf(event), decision: event.decision }, 'review passed')
  }
}

const mostUnlisted = 1000 // who makes up registries must fill neither the memory nor the log

// People cannot change what the configuration lists; its operator is told of each registry once.
function tellUnlisted(
  { namespace, evaluations }: ReviewEvent,
  told: Set<string>,
  log: RecorderOptions['log'],
): void {
  for (const { reason, reference } of evaluations) {
    if (reason !== 'not-allowed' || reference === undefined) continue
    const { registry } = reference
    if (told.has(registry) || told.size >= mostUnlisted) continue
    told.add(registry)
    log.info({ registry: cut(registry), namespace }, 'registry not in the configuration')
  }
}

function fieldsOf({ uid, endpoint, operation, kind, namespace, name, evaluations }: ReviewEvent) {
  return { uid, endpoint, operation, kind, namespace, name, images: evaluations.map(shown) }
}

function shown({ image, verdict, newest, reason, detail }: Evaluation) {
  // Which secret, why, and the command that helps: a warning has no room for it.
  const remedy = reason === 'unreadable-credentials' && detail !== undefined && { detail }
  const why = newest === undefined ? { reason, ...remedy } : { newest: cut(newest) }
  return { image: cut(image), verdict, ...why }
}
