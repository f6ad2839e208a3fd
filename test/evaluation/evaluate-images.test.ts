import t from 'tap'
import {
  evaluateImages,
  TagSourceError,
  type Evaluation,
  type KnownTags,
  type TimeLimit,
  type TagCatalog,
} from '../../src/evaluation/index.ts'
import type { Repository } from '../../src/image/index.ts'
import { learnTags, tagListOf, type Strategy } from '../../src/version/index.ts'

const tags: Readonly<Record<string, readonly string[]>> = {
  'docker.io/library/nginx': ['1.25', '1.25.1', '1.25.4', '1.25.5', '1.26.0'],
  'example.com:5000/team/app': ['v1.0.0', 'v1.0.1'],
  'docker.io/library/empty': [],
}
const digest = `sha256:${'a'.repeat(64)}`

interface World {
  readonly asked: string[]
  readonly catalog: TagCatalog
}

function world(known: Partial<KnownTags> = {}): World {
  const asked: string[] = []
  const catalog = {
    known({ registry, repository }: Repository): KnownTags | undefined {
      asked.push(`${registry}/${repository}`)
      const list = tags[`${registry}/${repository}`]
      return list === undefined
        ? undefined
        : { learned: learnTags(tagListOf(list)), age: 1000, stale: false, ...known }
    },
    lookUp: async ({ registry }: Repository): Promise<KnownTags> => {
      if (registry === 'slow.example.com') return new Promise(() => {})
      throw new TagSourceError('not-allowed', `${registry} is not in the configuration`)
    },
  }
  return { asked, catalog }
}

// Stands for a clock: what is not settled in this turn of the loop is too late.
const timeLimit: TimeLimit = {
  wait: async (promise, _milliseconds) =>
    Promise.race([promise, new Promise<undefined>(resolve => setImmediate(() => resolve(undefined)))]),
}

async function evaluate(
  images: readonly string[],
  strategy: Strategy = 'patch',
  { catalog }: World = world(),
) {
  return [...(await evaluateImages({ images, strategy, budget: 10 }, { catalog, timeLimit })).values()]
}

const short = ({ verdict, reason, newest, behind }: Evaluation): readonly unknown[] => [
  verdict,
  reason,
  newest,
  behind,
]

const cases: readonly (readonly [image: string, strategy: Strategy, expected: readonly unknown[]])[] = [
  ['nginx:1.25.1', 'patch', ['outdated', 'newer', '1.25.5', 2]],
  ['docker.io/library/nginx:1.25.1', 'minor', ['outdated', 'newer', '1.26.0', 3]],
  ['nginx:1.25.5', 'patch', ['current', 'newest', undefined, 0]],
  ['nginx:1.25', 'patch', ['floating', 'extended', '1.25.5', 0]],
  ['nginx', 'patch', ['floating', 'no-tag', undefined, 0]],
  ['nginx:latest', 'patch', ['floating', 'latest', undefined, 0]],
  [`nginx:1.25.1@${digest}`, 'patch', ['outdated', 'newer', '1.25.5', 2]],
  [`nginx@${digest}`, 'patch', ['unversioned', 'digest-only', undefined, 0]],
  ['nginx:bookworm', 'patch', ['unversioned', 'no-version', undefined, 0]],
  ['example.com:5000/team/app:v1.0.0', 'patch', ['outdated', 'newer', 'v1.0.1', 1]],
  ['empty:1.0.0', 'patch', ['unknown', 'no-tags', undefined, 0]],
  ['NGINX:1.0.0', 'patch', ['unknown', 'invalid-reference', undefined, 0]],
  ['http://169.254.169.254/latest', 'patch', ['unknown', 'invalid-reference', undefined, 0]],
  ['other.example.com/app:1.0.0', 'patch', ['unknown', 'not-allowed', undefined, 0]],
  ['slow.example.com/app:1.0.0', 'patch', ['unknown', 'not-checked-yet', undefined, 0]],
]

t.test('each image gets its verdict', async t => {
  for (const [image, strategy, expected] of cases) {
    const [evaluation] = await evaluate([image], strategy)
    t.ok(evaluation, image)
    if (evaluation !== undefined) t.strictSame(short(evaluation), expected, `${image} by ${strategy}`)
  }
})

t.test('what no list of tags can change asks nobody', async t => {
  const nobody = world()
  await evaluate(['nginx', 'nginx:latest', 'nginx:bookworm', `nginx@${digest}`, 'NO:1'], 'patch', nobody)
  t.strictSame(nobody.asked, [])
})

t.test('one evaluation for each distinct text, in the order of the object', async t => {
  const evaluations = await evaluate([
    'slow.example.com/app:1.0.0',
    'nginx:1.25.1',
    'nginx:1.25.1',
    'nginx:1.25.5',
  ])
  t.strictSame(
    evaluations.map(({ image }) => image),
    ['slow.example.com/app:1.0.0', 'nginx:1.25.1', 'nginx:1.25.5'],
  )
})

t.test('beyond a hundred images nothing is looked up', async t => {
  const images = Array.from({ length: 150 }, (_, at) => `nginx:1.25.${at + 1}`)
  const bounded = world()
  const evaluations = await evaluate(images, 'patch', bounded)
  t.equal(bounded.asked.length, 100)
  t.equal(evaluations.filter(({ reason }) => reason === 'too-many-images').length, 50)
})

t.test('age and staleness come with the tags', async t => {
  const [evaluation] = await evaluate(['nginx:1.25.1'], 'patch', world({ age: 90_000_000, stale: true }))
  t.match(evaluation, { verdict: 'outdated', age: 90_000_000, stale: true, line: '1.25' })
  const [floating] = await evaluate(['nginx'], 'patch', world({ stale: true }))
  t.match(floating, { age: undefined, stale: false }, 'no tags, no age')
})

t.test('a fault that is no TagSourceError is nobody’s verdict', async t => {
  const broken: World = {
    asked: [],
    catalog: { known: () => undefined, lookUp: () => Promise.reject(new RangeError('a bug')) },
  }
  await t.rejects(evaluate(['nginx:1.25.1'], 'patch', broken), new RangeError('a bug'))
})
