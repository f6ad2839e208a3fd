import t from 'tap'
import {
  explainOutcome,
  outcomeOf,
  rulesFor,
  type Finding,
  type PatchException,
  type PatchPolicy,
  type Subject,
} from '../../../src/policy/index.ts'
import { bookWith, exceptionOf, imageOf, outdated, policyOf, subjectOf } from './policies.ts'

const outdatedSinceStart: Finding = { ...outdated, firstSeenNewer: 0 }

function explained(
  policies: readonly PatchPolicy[],
  given: Partial<Subject> & { readonly exceptions?: readonly PatchException[] } = {},
): string {
  const { exceptions = [], ...differences } = given
  const [image, subject, book] = [imageOf(), subjectOf(differences), bookWith(policies, exceptions)]
  const rules = rulesFor(image, subject, book)
  const outcome = outcomeOf(rules, outdatedSinceStart, { subject, now: 0 })
  const steps = explainOutcome({ image, subject, book, rules, finding: outdatedSinceStart, outcome, now: 0 })
  return steps.map(({ step, says }) => `${step}: ${says}`).join('\n')
}

t.test('the configuration alone', async t => {
  t.equal(
    explained([]),
    `configuration: mode warn, strategy patch
policies: none
mode: warn (configuration)
strategy: patch (configuration)
outcome: warned about: outdated`,
  )
})

t.test('each policy that was asked, and what decides', async t => {
  const policies = [
    policyOf('kinds', { priority: 9, match: { kinds: ['Pod'] } }),
    policyOf('images', { priority: 8, match: { images: ['redis'] } }),
    policyOf('labels', { priority: 7, match: { objectSelector: { matchLabels: { app: 'db' } } } }),
    policyOf('dev', { priority: 6, match: { namespaceSelector: { matchLabels: { env: 'dev' } } } }),
    policyOf('strict', {
      priority: 5,
      mode: 'enforce',
      range: '<2',
      never: ['1.25.4'],
      preReleases: 'leave',
      releaseChannel: 'lts',
      minimumAge: '36h',
      grace: { period: '2w' },
    }),
    policyOf('rest'),
    policyOf('rest2'),
  ]
  const annotations = { 'patchline.dev/strategy': 'rebuild' }
  t.equal(
    explained(policies, { annotations }),
    `configuration: mode warn, strategy patch
PatchPolicy/kinds (priority 9): does not match: its kinds are others
PatchPolicy/images (priority 8): does not match: none of its patterns means the image
PatchPolicy/labels (priority 7): does not match: its objectSelector does not select the object
PatchPolicy/dev (priority 6): does not match: its namespaceSelector does not select the namespace
PatchPolicy/strict (priority 5): decides
policies: 2 more policies are not asked
mode: enforce (PatchPolicy/strict)
strategy: patch (configuration)
offers: only versions in its range, not the tags under never, releases first, only lines with long-term support, only tags older than 36h
grace: 14d
ignored: annotation patchline.dev/strategy=rebuild is ignored: policy strict can only be made stricter
outcome: warned about, else refused: grace until 1970-01-15T00:00Z`,
  )
})

t.test('exceptions with their states, and the outcome by one', async t => {
  const policies = [policyOf('p', { mode: 'enforce', exceptions: { namespaceSelector: {}, longest: '3d' } })]
  const exceptions = [exceptionOf('good'), exceptionOf('old', { upTo: '1.25.2' })]
  t.equal(
    explained(policies, { exceptions }).split('\n').slice(-3).join('\n'),
    `exception good: active, until 1970-01-04T00:00Z, o: r
exception old: does not count: a newer tag exists than the one under upTo, until 1970-01-04T00:00Z, o: r
outcome: nothing is done, else refused: exception good until 1970-01-04T00:00Z`,
  )
})
