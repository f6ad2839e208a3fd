import { projectLink, referenceOf, registryPage, sourceUrl, type ProjectLink } from '../image/index.ts'
import { compareWorkloads } from '../inventory/index.ts'
import { compareTexts } from '../text/index.ts'
import type { Finding } from './findings.ts'

/** The findings of one workload. */
export interface WorkloadFindings {
  readonly namespace: string
  readonly kind: string
  readonly name: string
  readonly findings: readonly Finding[]
}

/** By namespace and workload; workloads by the age of their oldest finding, so that what has waited longest comes first. */
export function byWorkload(findings: readonly Finding[]): readonly WorkloadFindings[] {
  const groups = Map.groupBy(findings, ({ workload: { namespace, kind, name } }) =>
    JSON.stringify([namespace, kind, name]),
  )
  return [...groups.values()]
    .flatMap(group => {
      const [first] = group
      if (first === undefined) return []
      const { namespace, kind, name } = first.workload
      return [{ namespace, kind, name, findings: group.toSorted(byContainer) }]
    })
    .toSorted(byAge)
}

function byAge(one: WorkloadFindings, other: WorkloadFindings): number {
  return oldest(one) - oldest(other) || compareWorkloads(one, other)
}

function oldest({ findings }: WorkloadFindings): number {
  return Math.min(...findings.map(({ since }) => since ?? Number.MAX_SAFE_INTEGER))
}

function byContainer(one: Finding, other: Finding): number {
  return compareTexts(one.container, other.container) || compareTexts(one.field, other.field)
}

/** The findings about one image that are told together: of one repository, with one tag to go to, in however many workloads. */
export interface ImageFindings {
  /** The image up to its tag, as it is written in the first workload. */
  readonly repository: string
  /** The different tags that are used, in the order of their texts; none where none is written. */
  readonly tags: readonly string[]
  /** The one that has waited longest. */
  readonly oldest: Finding
  /** The one that is farthest behind. */
  readonly farthest: Finding
  /** By namespace, kind and name. */
  readonly workloads: readonly WorkloadFindings[]
  readonly namespaces: number
  /** The address of the page for people of the tag to go to, or of the repository; undefined where its registry is not known to have one. */
  readonly page: string | undefined
  /** Where its project is; undefined where no manifest told. */
  readonly source: string | undefined
  /** To what is new in it, or else to its source. */
  readonly project: ProjectLink | undefined
}

/** By image; images by the age of their oldest finding, then those in most workloads first. */
export function byImage(findings: readonly Finding[]): readonly ImageFindings[] {
  return [...Map.groupBy(findings, keyOf).values()].flatMap(imageOf).toSorted(inOrder)
}

// Two spellings of one repository are one. A repository that cannot be had is told once, whatever its tags.
function keyOf({ image, kind, newest, now, emergency }: Finding): string {
  const { repository, tag } = partsOf(image)
  const source = referenceOf(image)
  const place = source === undefined ? repository : `${source.registry}/${source.repository}`
  switch (kind) {
    case 'outdated':
      return JSON.stringify([place, kind, newest, now])
    case 'moved':
      return JSON.stringify([place, kind, tag, now])
    case 'failing':
      return JSON.stringify([place, kind])
    case 'emergency':
      return JSON.stringify([place, kind, tag, emergency?.policy, emergency?.reason])
  }
}

function imageOf(findings: readonly Finding[]): readonly ImageFindings[] {
  const [first] = findings
  if (first === undefined) return []
  const workloads = byWorkload(findings).toSorted(compareWorkloads)
  const tags = new Set(findings.map(({ image }) => partsOf(image).tag))
  const named = referenceOf(first.image)
  const source = sourceAmong(findings)
  const entry = {
    repository: partsOf(first.image).repository,
    tags: [...tags].filter(tag => tag !== '').toSorted(compareTexts),
    oldest: findings.reduce((one, other) => (sinceOf(other) < sinceOf(one) ? other : one)),
    farthest: findings.reduce((one, other) => (other.behind > one.behind ? other : one)),
    workloads,
    namespaces: new Set(workloads.map(({ namespace }) => namespace)).size,
    page: named === undefined ? undefined : registryPage(named, first.newest),
    source,
    project: projectLink(source),
  }
  return [entry]
}

// Workloads with other pull secrets may see another manifest, or none. A finding may come from a stored state that was edited.
function sourceAmong(findings: readonly Finding[]): string | undefined {
  for (const { source } of findings) {
    const url = sourceUrl(source)
    if (url !== undefined) return url
  }
  return undefined
}

/** The parts of an image as it is written, without its digest: what is before the tag, and the tag. */
export function partsOf(image: string): { readonly repository: string; readonly tag: string } {
  const [name = ''] = image.split('@', 1)
  const colon = name.lastIndexOf(':')
  if (colon <= name.lastIndexOf('/')) return { repository: name === '' ? image : name, tag: '' }
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1) }
}

function inOrder(one: ImageFindings, other: ImageFindings): number {
  return (
    sinceOf(one.oldest) - sinceOf(other.oldest) ||
    other.workloads.length - one.workloads.length ||
    compareTexts(one.repository, other.repository) ||
    compareTexts(one.tags.join(), other.tags.join())
  )
}

function sinceOf({ since }: Finding): number {
  return since ?? Number.MAX_SAFE_INTEGER
}
