import type { AdmissionResponse } from '../api/index.ts'
import { modeLabel, type Policy } from '../policy/index.ts'
import { beginning, plain } from './line-of-text.ts'
import type { AdmissionRequest } from './review.ts'
import { repositoryOf, sayOutdated, tagOf, type JudgedImage } from './say.ts'
import { fitted } from './sentence.ts'
import { containerOf, objectOf } from './subject.ts'

const mostImages = 10
const longestSentence = 300 // a refusal has no limit of its own, but the longest image and tags make a page

/** The status of a refusal: what is outdated, and how to get through. */
export function refusalOf(
  refused: readonly JudgedImage[],
  strategy: Policy['strategy'],
  request: AdmissionRequest,
): NonNullable<AdmissionResponse['status']> {
  const sentences = refused.map(judged =>
    fitted({ ...sayOutdated(judged, strategy), subject: containerOf(judged), asides: [] }, longestSentence),
  )
  const way = `Use ${newestOf(refused)}, or have the namespace "${plain(request.namespace)}" labelled ${modeLabel}=warn.`
  return {
    code: 403,
    reason: 'Forbidden',
    message: `${plain(objectOf(request))}: ${listed(sentences)}. ${way}`,
  }
}

/** Outdated images by what became of them. */
export interface OutdatedImages {
  readonly refused: readonly JudgedImage[]
  /** They would have been refused, had not a controller made the object as its child. */
  readonly spared: readonly JudgedImage[]
  /** Outdated all the same. */
  readonly outdated: readonly JudgedImage[]
}

/** What the API server writes to its audit log: container, image and the newest tag of each. */
export function auditAnnotationsOf({
  refused,
  spared,
  outdated,
}: OutdatedImages): Readonly<Record<string, string>> {
  return {
    ...(refused.length > 0 && { refused: listed(refused.map(inShort)) }),
    ...(spared.length > 0 && { spared: listed(spared.map(inShort)) }),
    ...(outdated.length > 0 && { outdated: listed(outdated.map(inShort)) }),
  }
}

const longestEntry = 160 // an audit log keeps every byte

function inShort(judged: JudgedImage): string {
  const image = repositoryOf(judged) + tagOf(judged)
  return beginning(plain(`${judged.container}: ${image} -> ${judged.evaluation.newest}`), longestEntry)
}

function newestOf(refused: readonly JudgedImage[]): string {
  const references = refused.map(judged => `${repositoryOf(judged)}:${judged.evaluation.newest}`)
  const [only, other] = new Set(references)
  return only === undefined || other !== undefined ? 'the newest tag' : only
}

function listed(texts: readonly string[]): string {
  const distinct = [...new Set(texts)]
  const left = distinct.length - mostImages
  return [...distinct.slice(0, mostImages), ...(left > 0 ? [`and ${left} more`] : [])].join('; ')
}
