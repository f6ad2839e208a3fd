import {
  judgeImages,
  mostImages,
  type Access,
  type EvaluationPorts,
  type EvaluationRequest,
  type JudgedImages,
} from '../../evaluation/index.ts'
import { offersUnder, type ImageRules, type Policy } from '../../policy/index.ts'
import type { ContainerImage } from '../../workload/index.ts'

/** For whom images are judged, and how long that may take. */
export interface JudgedFor extends Pick<EvaluationRequest, 'budget'> {
  readonly namespace: string
  readonly access: Access | undefined
  /** In place of what the rules say. */
  readonly strategy?: Policy['strategy'] | undefined
}

/** The images as memory alone can judge them, each by its own rules. */
export function judgeByRules<Image extends ContainerImage>(
  images: readonly Image[],
  rulesOf: (image: Image) => ImageRules,
  by: JudgedFor & { readonly ports: EvaluationPorts },
): JudgedImages {
  return joined(requestsFor(images, rulesOf, by).map(wanted => judgeImages(wanted, by.ports)))
}

/** One request for each set of rules by which images are chosen; nearly always one for all. */
function requestsFor<Image extends ContainerImage>(
  images: readonly Image[],
  rulesOf: (image: Image) => ImageRules,
  { namespace, access, budget, strategy }: JudgedFor,
): readonly EvaluationRequest[] {
  const beside = access === undefined ? { budget, namespace } : { budget, namespace, access }
  const groups = new Map<string, { readonly by: ImageRules; readonly texts: Set<string> }>()
  for (const image of images) {
    const by = rulesOf(image)
    // Rules of one policy and strategy offer the same.
    const key = `${by.strategy} ${by.policy?.name ?? ''}`
    const group = groups.get(key) ?? { by, texts: new Set() }
    group.texts.add(image.image)
    groups.set(key, group)
  }
  let left = mostImages
  return [...groups.values()].map(({ by, texts }) => {
    const most = left
    left = Math.max(0, left - texts.size)
    return {
      images: [...texts],
      most,
      ...offersUnder(strategy === undefined ? by : { ...by, strategy }),
      ...beside,
    }
  })
}

function joined(parts: readonly JudgedImages[]): JudgedImages {
  const [first, second] = parts
  if (first !== undefined && second === undefined) return first
  return {
    evaluations: new Map(parts.flatMap(({ evaluations }) => [...evaluations])),
    missing: parts.flatMap(({ missing }) => missing),
  }
}
