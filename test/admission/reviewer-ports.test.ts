import t from 'tap'
import { createReviewer, type ReviewerOptions } from '../../src/admission/index.ts'
import { TagSourceError, type Access, type TagCatalog, type WantedTags } from '../../src/evaluation/index.ts'
import { builtInReading, learnTags, tagListOf, type TagReading } from '../../src/version/index.ts'
import { contentOf, digestsOf } from '../evaluation/fake-catalogs.ts'
import { workloadNamed } from '../workload/workloads.ts'
import { operationsOf } from './json-patch.ts'
import { catalogOf, containers, deployment, knownTags, timeLimitOf, requestOf } from './situations.ts'

const deployments = workloadNamed('deployments')

function reviewerOf(parts: Partial<ReviewerOptions>) {
  return createReviewer({
    catalog: catalogOf(knownTags),
    timeLimit: timeLimitOf(),
    now: () => 0,
    namespaces: { labelsOf: () => ({ 'patchline.dev/mode': 'enforce' }) },
    settings: { defaults: { mode: 'warn', strategy: 'patch' }, ownNamespace: 'patchline', controllers: [] },
    ...parts,
  })
}

const privateImage = 'registry.example.com/team/app:1.2.3'

/** A registry that lists tags only for who brings credentials; `wanted` has what it was asked for. */
function privateCatalog(): TagCatalog & { readonly wanted: WantedTags[] } {
  const learned = learnTags(tagListOf(['1.2.3', '1.2.4']))
  const wanted: WantedTags[] = []
  return {
    wanted,
    known: () => undefined,
    async lookUp(asked) {
      wanted.push(asked)
      if ((asked.access?.credentialsFor(asked) ?? []).length === 0)
        throw new TagSourceError('unauthorized', 'registry.example.com wants other credentials')
      return { learned, age: 0, stale: false }
    },
  }
}

function accessWith(password: string | undefined, ...problems: readonly string[]): Access {
  const credentials =
    password === undefined ? [] : [{ username: 'robot', password, origin: 'pull secret shop/regcred' }]
  return { namespace: 'shop', credentialsFor: () => credentials, problems }
}

t.test('a workload is judged by what its own pull secrets let it know', async t => {
  const podSpec = {
    ...containers(privateImage),
    serviceAccountName: 'app',
    imagePullSecrets: [{ name: 'regcred' }],
  }
  const request = requestOf({ object: deployments.object(podSpec) })
  const own = accessWith('hush')
  const catalog = privateCatalog()
  const reviewer = reviewerOf({ catalog, access: { accessOf: () => own } })
  const { response } = await reviewer.validate(request, 800)
  t.equal(response.allowed, false)
  t.match(response.status?.message, /registry\.example\.com\/team\/app:1\.2\.3 is 1 version behind 1\.2\.4/)
  await reviewer.mutate(request, 800)
  t.ok(catalog.wanted.every(({ access }) => access === own))
  t.notMatch(JSON.stringify(response), /hush/)
})

t.test('a pull secret that cannot be used is a finding of its own, with what to do', async t => {
  const problem =
    'pull secret shop/regcred has no .dockerconfigjson; create it anew: kubectl -n shop create secret docker-registry regcred'
  const access = { accessOf: () => accessWith(undefined, problem) }
  const request = requestOf({ object: deployment(privateImage) })
  const reviewer = reviewerOf({ catalog: privateCatalog(), access })
  const { response, event } = await reviewer.validate(request, 800)
  t.strictSame(response.warnings, [
    'patchline: web: registry.example.com/team/app:1.2.3 not checked: pull secret shop/regcred cannot be used',
  ])
  t.match(event.evaluations, [{ reason: 'unreadable-credentials', detail: problem }])
  const mutated = await reviewer.mutate(request, 800)
  const [operation] = operationsOf(mutated.response.patch ?? '')
  t.match(JSON.stringify(operation), /kubectl -n shop create secret/)
})

t.test('secrets that are not there in time leave nothing but "not yet"', async t => {
  const access = { accessOf: () => new Promise<Access>(() => undefined) }
  const reviewer = reviewerOf({ catalog: privateCatalog(), access })
  const { response } = await reviewer.validate(requestOf({ object: deployment(privateImage) }), 800)
  t.strictSame(response.warnings, ['patchline: web: registry.example.com/team/app:1.2.3 not checked yet'])
  const others = reviewerOf({ access })
  const known = await others.validate(requestOf(), 800)
  t.equal(known.event.decision, 'denied', 'what everybody may know is known all the same')
  const unknown = await others.validate(requestOf({ object: deployment(privateImage) }), 800)
  t.match(unknown.event.evaluations, [{ reason: 'not-allowed' }])
})

async function answerAt(held: Parameters<typeof digestsOf>[0]) {
  return (await reviewerOf({ digests: digestsOf(held) }).validate(requestOf(), 800)).response
}

t.test('nobody is refused for a tag that is not proven', async t => {
  t.equal((await answerAt({})).allowed, false)
  t.equal((await answerAt({ '1.25.1': contentOf('a'), '1.25.5': contentOf('b') })).allowed, false)
  t.strictSame(await answerAt({ '1.25.1': contentOf('a'), '1.25.5': contentOf('a') }), {
    uid: 'uid-1',
    allowed: true,
  })
  t.strictSame(await answerAt({ '1.25.5': 'never' }), {
    uid: 'uid-1',
    allowed: true,
    warnings: ['patchline: web: nginx:1.25.1 not checked yet'],
  })
})

t.test('what memory knows is answered at once, with all of it', async t => {
  const digests = digestsOf({ '1.25.1': contentOf('a'), '1.25.5': contentOf('b') })
  const reviewer = reviewerOf({
    digests,
    access: { accessOf: () => accessWith(undefined) },
    schemes: () => builtInReading,
  })
  t.notOk(reviewer.validate(requestOf(), 800) instanceof Promise)
  t.notOk(reviewer.mutate(requestOf(), 800) instanceof Promise)
})

t.test('schemes hold in reviews', async t => {
  const reading: TagReading = {
    ...builtInReading,
    reader: grammar => tag => builtInReading.reader(grammar)(tag.replace('build', '1.0.')),
  }
  const learned = learnTags(tagListOf(['build7', 'build9']), reading)
  const catalog: TagCatalog = {
    known: () => ({ learned, age: 0, stale: false }),
    lookUp: () => Promise.reject(new Error('memory has it')),
  }
  const request = requestOf({ object: deployment('example.com/app:build7') })
  const { response } = await reviewerOf({ catalog, schemes: () => reading }).validate(request, 800)
  t.match(response.status?.message, /example\.com\/app:build7 is 1 version behind build9/)
})
