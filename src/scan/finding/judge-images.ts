import { unknownEvaluation, type Evaluation } from '../../evaluation/index.ts'
import { familiarRepository, referenceOf } from '../../image/index.ts'
import {
  offersUnder,
  outcomeOf,
  rulesFor,
  silenceOf,
  type ImageRules,
  type PolicyBook,
  type Subject,
} from '../../policy/index.ts'
import { annotationsOf, labelsOf } from '../../workload/index.ts'
import { compareRows, type LocatedImage, type ScannedImage, type Silenced } from './scanned-image.ts'

/** Judges one image by the tags of its repository. Never rejects for an image. */
export type Evaluate = (image: string, offers: ReturnType<typeof offersUnder>) => Promise<Evaluation>

/** What images of files are judged with. */
export interface JudgeOptions {
  readonly book: PolicyBook
  /** Of objects that name none, and of what is no object. */
  readonly namespace: string
  /** Undefined where they are not known: no selector of namespaces but an empty one selects one then. */
  readonly namespaceLabels: Subject['namespaceLabels']
  readonly evaluate: Evaluate
  /** Epoch milliseconds. */
  readonly now: number
  /** A short text for a long one, the same each time. */
  readonly hash: (text: string) => string
}

/** The verdicts of all images, in the order of files and places; each distinct image is asked for once. */
export async function judgeAll(
  images: readonly LocatedImage[],
  options: JudgeOptions,
): Promise<readonly ScannedImage[]> {
  const asked = new Map<string, Promise<Evaluation>>()
  const ordered = images.toSorted(compareRows)
  const fingerprints = fingerprintsOf(ordered, options.hash)
  return Promise.all(
    ordered.map(async (image, index) => {
      const subject = subjectOf(image, options)
      const rules = rulesOf(image, subject, options)
      const key = JSON.stringify([image.found.image, rules.strategy, rules.policy?.name])
      const evaluation = asked.get(key) ?? evaluate(image, rules, options)
      asked.set(key, evaluation)
      const judged = { subject, rules, evaluation: await evaluation, fingerprint: fingerprints[index] ?? '' }
      return rowOf(image, judged, options)
    }),
  )
}

function subjectOf({ found }: LocatedImage, { namespace, namespaceLabels }: JudgeOptions): Subject {
  const { object: of } = found
  return {
    namespace: of === undefined || of.namespace === '' ? namespace : of.namespace,
    namespaceLabels,
    group: of?.group ?? '',
    kind: of?.kind ?? '',
    labels: labelsOf(of?.object),
    annotations: annotationsOf(of?.object),
  }
}

function rulesOf({ found }: LocatedImage, subject: Subject, { book }: JudgeOptions): ImageRules {
  return rulesFor({ container: found.part, reference: referenceOf(found.image) }, subject, book)
}

async function evaluate(
  { found }: LocatedImage,
  rules: ImageRules,
  options: JudgeOptions,
): Promise<Evaluation> {
  const { image } = found
  if (rules.mode !== 'off') return options.evaluate(image, offersUnder(rules))
  return unknownEvaluation(image, referenceOf(image), { reason: 'namespace-off', detail: undefined })
}

interface Judged extends Pick<ScannedImage, 'rules' | 'evaluation' | 'fingerprint'> {
  readonly subject: Subject
}

function rowOf(image: LocatedImage, { subject, ...judged }: Judged, { now }: JudgeOptions): ScannedImage {
  const { rules, evaluation } = judged
  const outcome = outcomeOf(rules, findingOf(evaluation), { subject, now })
  const silence = silenceOf(subject.annotations, evaluation.newest, now)
  const silenced =
    excuseOf(outcome) ??
    (silence === undefined ? undefined : { by: 'annotation' as const, until: undefined, because: silence })
  return { ...image, ...judged, outcome, exempt: rules.mode === 'off', silenced }
}

function findingOf({ verdict, ...evaluation }: Evaluation): Parameters<typeof outcomeOf>[1] {
  return { ...evaluation, verdict }
}

function excuseOf({ because, until, exception }: ScannedImage['outcome']): Silenced | undefined {
  if (because !== 'exception' || exception === undefined) return undefined
  return { by: 'exception', until, because: `${exception.name}: ${exception.reason}` }
}

/**
 * A fingerprint of each row: of the file, of what has the image, and of its repository, never of a tag or a line, so that a row
 * stays the same while versions come and other lines move. Equal ones are counted.
 */
export function fingerprintsOf(rows: readonly LocatedImage[], hash: JudgeOptions['hash']): readonly string[] {
  const counts = new Map<string, number>()
  return rows.map(({ file, found }) => {
    const reference = referenceOf(found.image)
    const repository = reference === undefined ? found.image : familiarRepository(reference)
    const key = JSON.stringify([file, found.owner, found.part, repository])
    const count = counts.get(key) ?? 0
    counts.set(key, count + 1)
    return hash(count === 0 ? key : `${key}#${count}`)
  })
}
