import { readReview, type AdmissionRequest, type Reviewer } from '../../../src/admission/index.ts'
import { at, isJsonObject, member } from '../../../src/json/index.ts'
import { operationsOf, patched } from '../../admission/json-patch.ts'
import { seeded } from '../random/seeded.ts'
import { randomReview } from './random-reviews.ts'
import { reviewersToPick } from './random-reviewers.ts'

/** What came of random objects: how many were patched, and what was wrong with a patch. */
export interface PatchTrial {
  readonly patches: number
  /** Each with the number of its object under the seed. */
  readonly faults: readonly string[]
}

/** Reviews so many random objects by `mutate`, and checks each patch as an API server applies it. */
export async function tryPatches(seed: number, count: number): Promise<PatchTrial> {
  const pickReviewer = reviewersToPick()
  const faults: string[] = []
  let patches = 0
  for (let at = 0; at < count; at++) {
    const random = seeded(seed, at)
    // From text, as it comes from the wire: keys such as `__proto__` are the object's own.
    const request = readReview(JSON.parse(JSON.stringify(randomReview(random))))
    // oxlint-disable-next-line eslint/no-await-in-loop -- one by one: none is kept
    const outcome = await outcomeOf(request, pickReviewer(random))
    if (outcome.isPatched) patches++
    faults.push(...outcome.faults.map(fault => `object ${at} of seed ${seed}: ${fault}`))
  }
  return { patches, faults }
}

interface Outcome {
  readonly isPatched: boolean
  readonly faults: readonly string[]
}

async function outcomeOf(request: AdmissionRequest, reviewer: Reviewer): Promise<Outcome> {
  const before = JSON.stringify(request.object)
  const { response } = await reviewer.mutate(request, 800)
  const { patch, patchType } = response
  const always = [
    ...(response.allowed ? [] : ['refused by mutate']),
    ...(JSON.stringify(request.object) === before ? [] : ['the object of the request was changed']),
  ]
  if (patch === undefined) return { isPatched: false, faults: always }
  const object = patched(request.object, patch)
  const again = await reviewer.mutate({ ...request, object }, 800)
  return {
    isPatched: true,
    faults: [
      ...always,
      ...(patchType === 'JSONPatch' ? [] : [`patchType ${patchType}`]),
      ...(request.operation === 'DELETE' ? ['a patch of what is deleted'] : []),
      ...operationFaults(request.object, patch),
      ...(hasTexts(at(object, ['metadata', 'annotations'])) ? [] : ['annotations are no texts']),
      ...(without(object, request.object) === without(request.object, request.object)
        ? []
        : ['more was changed']),
      ...(again.response.patch === undefined ? [] : ['a second review patches again']),
    ],
  }
}

const ours = ['patchline.dev/status', 'patchline.dev/images']
const annotationsPath = '/metadata/annotations'
const paths = new Set(ours.map(key => `${annotationsPath}/${key.replace('/', '~1')}`))

function operationFaults(object: unknown, patch: string): readonly string[] {
  const hasAnnotations = isJsonObject(at(object, ['metadata', 'annotations']))
  return operationsOf(patch).flatMap(({ op, path, value }) => {
    const isWhole = path === annotationsPath && op === 'add' && !hasAnnotations
    const isOurs = isWhole ? Object.keys(Object(value)).every(key => ours.includes(key)) : paths.has(path)
    return isOurs ? [] : [`${String(op)} at ${path}`]
  })
}

// The API server decodes annotations as texts. Those of others are as the client sent them.
function hasTexts(annotations: unknown): boolean {
  return ours.every(key => ['string', 'undefined'].includes(typeof member(annotations, key)))
}

/** The object without our annotations as text; its annotations are as absent as they were in `original`. */
function without(object: unknown, original: unknown): string {
  const metadata = member(original, 'metadata')
  const isAbsent = member(metadata, 'annotations') === undefined
  const isNull = member(metadata, 'annotations') === null
  return JSON.stringify(object, function (this: unknown, key, value: unknown) {
    if (this !== member(object, 'metadata') || key !== 'annotations') return value
    if (isAbsent || isNull) return isNull ? null : undefined
    return isJsonObject(value) ? Object.entries(value).filter(([name]) => !ours.includes(name)) : value
  })
}
