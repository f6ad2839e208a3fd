import type { Evaluation } from '../../evaluation/index.ts'
import { instant } from '../../report/index.ts'
import type { HttpProblem } from '../operations/problems.ts'

/** A problem, and after how many seconds another request may have another outcome. */
export interface ImageProblem extends HttpProblem {
  readonly retryAfter?: number
}

/** Why the newest tag of an image is not told; undefined where it is. `now` in epoch milliseconds. */
export function imageProblem(evaluation: Evaluation, now: number): ImageProblem | undefined {
  switch (evaluation.verdict) {
    case 'outdated':
    case 'current':
      return evaluation.stale ? staleProblem(evaluation, now) : undefined
    case 'floating':
    case 'unversioned':
      return { status: 422, title: 'The tag has no version', detail: whyNoVersion(evaluation) }
    case 'unknown':
      return unknownProblem(evaluation)
  }
}

/** The problem of a text that is no image with a tag. */
export function unreadableImage(detail: string): ImageProblem {
  return { status: 400, title: 'The image cannot be read', detail }
}

// After how many seconds to ask again: a first look-up takes some seconds, a registry in trouble minutes.
const soon = 5
const later = 60

const noSuchImage = { status: 404, title: 'There is no such image' } as const
const untold = { status: 502, title: 'The registry does not tell' } as const

function staleProblem({ age = 0, detailForOthers }: Evaluation, now: number): ImageProblem {
  const checkedAt = instant(now - age)
  const why = detailForOthers === undefined ? '' : `: ${detailForOthers}`
  return {
    status: 503,
    title: 'Only old data',
    detail: `what is known is of ${checkedAt}, older than catalog.staleAfterHours${why}`,
    ageSeconds: Math.round(age / 1000),
    checkedAt,
    retryAfter: later,
  }
}

function whyNoVersion({ reason, line, newest }: Evaluation): string {
  if (reason === 'no-version') return 'no version can be read in the tag'
  const now = newest === undefined ? '' : `, now ${newest}`
  const what = line === undefined ? 'whatever is newest' : `whatever is newest in ${line}`
  return `the tag floats: it stands for ${what}${now}`
}

// Every other reason of an `unknown` is trouble of a registry that passes: not now.
const unknownProblems: Partial<Readonly<Record<Evaluation['reason'], Omit<ImageProblem, 'detail'>>>> = {
  'invalid-reference': { status: 400, title: 'The image cannot be read' },
  'not-allowed': { status: 403, title: 'The registry is not allowed' },
  'not-found': noSuchImage,
  'no-tags': noSuchImage,
  unauthorized: untold,
  'unreadable-credentials': untold,
  'invalid-answer': untold,
  'not-checked-yet': { status: 503, title: 'Not known yet', retryAfter: soon },
}

function unknownProblem({ reason, detailForOthers }: Evaluation): ImageProblem {
  const known = unknownProblems[reason] ?? { status: 503, title: 'Not known now', retryAfter: later }
  return {
    ...known,
    detail: reason === 'no-tags' ? 'the repository has no tags' : (detailForOthers ?? reason),
  }
}
