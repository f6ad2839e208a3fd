// What a cycle over the cluster of the benchmark cannot do without.
import { kindsOf } from './objects.ts'
import { pageSize } from './registries.ts'
import { imageOf, namespaceCount, sidecarOf, tagsOfRepository, type WorldSize } from './world.ts'

/** How much there is to be asked for and to be judged. */
export interface Expected {
  readonly listPages: number
  readonly repositories: number
  readonly tagPages: number
  /** Of how many tags a digest is needed. */
  readonly digests: number
  /** How many of them have moved on. */
  readonly moved: number
  readonly containers: number
}

/** Objects on a page, as the inventory asks for them. */
const objectsPerPage = 250
/** A page each, though there is nothing on it. */
const emptyKinds = 2

/** Counts it. */
export function expectedOf(size: WorldSize): Expected {
  const workloads = Array.from({ length: size.workloads }, (_, at) => at)
  const images = workloads
    .flatMap(at => [imageOf(at, size), sidecarOf(at, size)])
    .filter(image => image !== undefined)
  const repositories = new Set(images.map(({ image }) => image.slice(0, image.lastIndexOf(':'))))
  const tagPages = [...repositories].map(name => {
    return Math.ceil(tagsOfRepository(Number(/(\d+)$/.exec(name)?.[1]), size).length / pageSize)
  })
  const digests = images.flatMap(({ image, digestsOf }) => {
    const repository = image.slice(0, image.lastIndexOf(':'))
    return digestsOf.map(tag => `${repository}:${tag}`)
  })
  const lists = [...kindsOf(size, namespaceCount(size)).values()].map(({ count }) =>
    Math.max(1, Math.ceil(count / objectsPerPage)),
  )
  return {
    listPages: emptyKinds + sumOf(lists),
    repositories: repositories.size,
    tagPages: sumOf(tagPages),
    digests: new Set(digests).size,
    moved: new Set(images.filter(({ moved }) => moved).map(({ image }) => image)).size,
    containers: images.length,
  }
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
