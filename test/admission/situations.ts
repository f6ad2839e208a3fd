import type { AdmissionRequest } from '../../src/admission/index.ts'
import type { JudgedImage } from '../../src/admission/messages/messages.ts'
import {
  TagSourceError,
  type Evaluation,
  type KnownTags,
  type TimeLimit,
  type TagCatalog,
} from '../../src/evaluation/index.ts'
import {
  InvalidReferenceError,
  parseReference,
  type Reference,
  type Repository,
} from '../../src/image/index.ts'
import {
  bookOf,
  noPolicies,
  outcomeOf,
  rulesFor,
  type ImageRules,
  type Mode,
  type Outcome,
} from '../../src/policy/index.ts'
import { createSchemes, learnTags, tagListOf, type TagReading } from '../../src/version/index.ts'
import { workloadNamed } from '../workload/workloads.ts'

export const person = { name: 'admin', groups: ['system:masters', 'system:authenticated'] }
export const controller = {
  name: 'system:serviceaccount:kube-system:replicaset-controller',
  groups: ['system:serviceaccounts', 'system:authenticated'],
}
export const node = { name: 'system:node:one', groups: ['system:nodes', 'system:authenticated'] }
export const ownerReferences = [
  { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', uid: 'u', controller: true },
]

/** A request to create a Deployment as a person makes it, with the differences given. */
export function requestOf(differences: Partial<AdmissionRequest> = {}): AdmissionRequest {
  const deployments = workloadNamed('deployments')
  return {
    uid: 'uid-1',
    operation: 'CREATE',
    kind: 'Deployment',
    resource: deployments.resource,
    namespace: 'shop',
    name: 'web',
    user: person,
    object: deployments.object(containers('nginx:1.25.1')),
    oldObject: null,
    isDryRun: false,
    isWhole: true,
    ...differences,
  }
}

/** A pod spec with one container for each image: web, web2, web3… */
export function containers(...images: readonly unknown[]): object {
  return {
    containers: images.map((image, index) => ({ name: index === 0 ? 'web' : `web${index + 1}`, image })),
  }
}

/** A Deployment with these images. */
export function deployment(...images: readonly unknown[]): unknown {
  return workloadNamed('deployments').object(containers(...images))
}

/** nginx:1.25.1 as it is judged, with the differences given; the reference follows from the image. */
export function judgedImage(differences: Partial<Evaluation & { container: string }> = {}): JudgedImage {
  const { container = 'web', ...rest } = differences
  const image = rest.image ?? 'nginx:1.25.1'
  const evaluation: Evaluation = {
    image,
    reference: referenceOf(image),
    verdict: 'outdated',
    reason: 'newer',
    detail: undefined,
    detailForOthers: undefined,
    newest: '1.25.5',
    newestDigest: undefined,
    source: undefined,
    newestSeenAt: undefined,
    newestPublishedAt: undefined,
    firstSeenNewer: undefined,
    waiting: undefined,
    elsewhere: undefined,
    line: '1.25',
    behind: 4,
    counted: 'versions',
    age: 1000,
    stale: false,
    overdue: false,
    unproven: false,
    passed: [],
    wasListed: false,
    ...rest,
  }
  return { container, field: 'container', image, evaluation }
}

const shop = {
  namespace: 'shop',
  namespaceLabels: {},
  group: 'apps',
  kind: 'Deployment',
  labels: {},
  annotations: {},
}

/** The rules for an image in a namespace of that mode, without policies. */
export function rulesOf(mode: Mode): ImageRules {
  const book = bookOf({ defaults: { mode, strategy: 'patch' }, ownNamespace: 'patchline' }, noPolicies)
  return rulesFor({ container: 'web', reference: undefined }, shop, book)
}

/** An image with what is done about it in that mode. */
export function ruled<Image extends JudgedImage>(
  image: Image,
  mode: Mode,
): Image & { readonly rules: ImageRules; readonly outcome: Outcome } {
  const rules = rulesOf(mode)
  return { ...image, rules, outcome: outcomeOf(rules, image.evaluation, { subject: shop, now: 0 }) }
}

/** A current image with the differences given: newest, nothing elsewhere, nothing behind. */
export function currentImage(differences: Partial<Evaluation & { container: string }> = {}): JudgedImage {
  return judgedImage({ verdict: 'current', reason: 'newest', newest: undefined, behind: 0, ...differences })
}

function referenceOf(image: string): Reference | undefined {
  try {
    return parseReference(image)
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) throw error
    return undefined
  }
}

/** The shipped ones. */
export const schemes = createSchemes([])

function readingOf(name: string): TagReading {
  const slash = name.indexOf('/')
  return schemes.of({ registry: name.slice(0, slash), repository: name.slice(slash + 1) })
}

type Answer = readonly string[] | TagSourceError

/** A catalog that knows these repositories and no other registry; `asked` has every repository that it was asked for. */
export function catalogOf(
  tags: Readonly<Record<string, Answer>>,
  { age = 1000, stale = false } = {},
): TagCatalog & { readonly asked: string[] } {
  const answers = new Map(
    Object.entries(tags).map(([name, answer]) => [
      name,
      answer instanceof TagSourceError
        ? answer
        : { learned: learnTags(tagListOf(answer), readingOf(name)), age, stale },
    ]),
  )
  const asked: string[] = []
  const answer = ({ registry, repository }: Repository): KnownTags | TagSourceError => {
    const name = `${registry}/${repository}`
    asked.push(name)
    return answers.get(name) ?? new TagSourceError('not-allowed', `${registry} is not in the configuration`)
  }
  return {
    asked,
    known(repository) {
      const known = answer(repository)
      return known instanceof TagSourceError ? undefined : known
    },
    async lookUp(repository) {
      const known = answer(repository)
      if (known instanceof TagSourceError) throw known
      return known
    },
  }
}

/** Waits for what is there within a turn of the event loop, and never for more; `waited` has the times it was given. */
export function timeLimitOf(): TimeLimit & { readonly waited: number[] } {
  const waited: number[] = []
  return {
    waited,
    wait(promise, milliseconds) {
      waited.push(milliseconds)
      return Promise.race([
        promise,
        new Promise<undefined>(resolve => {
          setImmediate(() => resolve(undefined))
        }),
      ])
    },
  }
}

export const knownTags: Readonly<Record<string, readonly string[]>> = {
  'docker.io/library/nginx': ['1.25.1', '1.25.2', '1.25.3', '1.25.4', '1.25.5'],
  'docker.io/library/busybox': ['1.36.0', '1.36.1'],
  'docker.io/library/postgres': ['15.4', '15.5', '16.0'],
  'ghcr.io/org/side': ['v1.2.3', 'v1.2.5'],
  'ghcr.io/org/model': ['v2.0.1', 'v2.0.2'],
  'registry.k8s.io/pause': ['3.9', '3.10'],
  'quay.io/prometheus/node-exporter': ['v1.8.0'],
}
