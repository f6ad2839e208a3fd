import { readdirSync, readFileSync } from 'node:fs'
import t from 'tap'
import { createReviewer, readReview, type ReviewerOptions } from '../../src/admission/index.ts'
import type { PullIdentity } from '../../src/evaluation/index.ts'
import type { Mode } from '../../src/policy/index.ts'
import { isJsonObject, member, type JsonObject } from '../../src/json/index.ts'
import { digestsOf } from '../evaluation/fake-catalogs.ts'
import { patched } from './json-patch.ts'
import { recordedAnswers, recordedReviews } from './recorded-answers.ts'
import { catalogOf, knownTags, timeLimitOf, schemes } from './situations.ts'

t.test('every recorded review has its row', async t => {
  t.strictSame(readdirSync(recordedReviews).toSorted(), Object.keys(recordedAnswers).toSorted())
})

for (const [file, { warnings, outdated, unlisted, refusal, status, images }] of Object.entries(
  recordedAnswers,
))
  t.test(file, async t => {
    const request = readReview(JSON.parse(readFileSync(new URL(file, recordedReviews), 'utf8')))
    const { uid } = request
    const warned = {
      uid,
      allowed: true,
      ...(warnings && { warnings }),
      ...noted({ outdated, unlisted }),
    }
    const refused = {
      uid,
      allowed: false,
      status: { code: 403, reason: 'Forbidden', message: refusal },
      auditAnnotations: { refused: outdated },
    }
    t.strictSame((await reviewerIn('warn').validate(request, 800)).response, warned)
    t.strictSame((await reviewerIn('enforce').validate(request, 800)).response, refusal ? refused : warned)
    for (const mode of ['audit', 'warn', 'enforce'] as const) {
      const { patch, patchType, ...rest } = (await reviewerIn(mode).mutate(request, 800)).response
      t.strictSame(rest, { uid, allowed: true })
      t.equal(patchType, status && 'JSONPatch')
      if (patch !== undefined)
        t.strictSame(patched(request.object, patch), annotated(request.object, { status, images }))
      else t.equal(status, undefined)
    }
    // Where digests prove every tag, and pull secrets hold nothing, all is as without.
    const access = {
      accessOf: ({ namespace }: PullIdentity) => ({ namespace, credentialsFor: () => [], problems: [] }),
    }
    const proving = { digests: digestsOf({}), access }
    t.strictSame((await reviewerIn('warn', proving).validate(request, 800)).response, warned)
    t.strictSame(
      (await reviewerIn('enforce', proving).validate(request, 800)).response,
      refusal ? refused : warned,
    )
    t.strictSame((await reviewerIn('off').validate(request, 800)).response, { uid, allowed: true })
    t.strictSame((await reviewerIn('off').mutate(request, 800)).response, { uid, allowed: true })
  })

function noted({ outdated, unlisted }: Record<'outdated' | 'unlisted', string | undefined>): object {
  const auditAnnotations = { ...(outdated && { outdated }), ...(unlisted && { unlisted }) }
  return Object.keys(auditAnnotations).length === 0 ? {} : { auditAnnotations }
}

function reviewerIn(mode: Mode, parts: Partial<ReviewerOptions> = {}) {
  return createReviewer({
    ...parts,
    catalog: catalogOf(knownTags),
    schemes: repository => schemes.of(repository),
    timeLimit: timeLimitOf(),
    now: () => 0,
    namespaces: { labelsOf: () => ({ 'patchline.dev/mode': mode }) },
    settings: { defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline', controllers: [] },
  })
}

type Annotations = Readonly<Record<'status' | 'images', string | undefined>>

function annotated(object: unknown, { status, images }: Annotations): unknown {
  const metadata = member(object, 'metadata')
  const ours = { 'patchline.dev/status': status, 'patchline.dev/images': images }
  return {
    ...objectOf(object),
    metadata: {
      ...objectOf(metadata),
      annotations: { ...objectOf(member(metadata, 'annotations')), ...ours },
    },
  }
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}
