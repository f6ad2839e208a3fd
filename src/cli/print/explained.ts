import { distanceOf } from '../../audit/index.ts'
import type { Evaluation } from '../../evaluation/index.ts'
import { at, member, textOf } from '../../json/index.ts'
import { explainOutcome } from '../../policy/index.ts'
import { printable } from '../../text/index.ts'
import type { ContainerImage } from '../../workload/index.ts'
import { supportJson, type SupportFacts } from './support.ts'

/** One image of a workload, and what it is explained by. */
export interface ExplainedImage {
  readonly object: unknown
  readonly image: ContainerImage
  readonly finding: Evaluation
  /** What tables of support dates say of it; undefined where it has no tag. */
  readonly support: SupportFacts | undefined
  readonly explaining: Parameters<typeof explainOutcome>[0]
}

/** What decides about each image, a step a line, or as JSON. */
export function printExplained(images: readonly ExplainedImage[], output: 'text' | 'json'): string {
  if (output === 'json') return images.map(one => `${JSON.stringify(jsonOf(one))}\n`).join('')
  return images.map(textFor).join('\n')
}

function textFor(explained: ExplainedImage): string {
  const { image, explaining } = explained
  const steps = explainOutcome(explaining)
  const last = steps.at(-1)
  const all = [
    ...steps.slice(0, -1),
    ...(explained.support?.sentences ?? []).map(says => ({ step: 'support', says })),
    { step: 'verdict', says: verdictText(explained.finding) },
    ...(last ? [last] : []),
  ]
  const width = Math.max(...all.map(({ step }) => step.length))
  const lines = all.map(({ step, says }) => `  ${step.padEnd(width)}  ${says}`)
  return [`${nameOf(explained)}, container ${image.container}: ${image.image}`, ...lines]
    .map(line => `${printable(line)}\n`)
    .join('')
}

function nameOf({ object, explaining: { subject } }: ExplainedImage): string {
  return `${subject.kind} ${subject.namespace}/${textOf(at(object, ['metadata', 'name']))}`
}

function verdictText(evaluation: Evaluation): string {
  const { verdict, reason, newest, detail } = evaluation
  if (verdict === 'outdated') return `outdated: ${distanceOf(evaluation)} behind ${newest}`
  return `${verdict}: ${detail ?? reason}`
}

function jsonOf({ object, image, finding, support, explaining }: ExplainedImage) {
  const { subject, rules, outcome } = explaining
  const { verdict, reason, newest, behind } = finding
  return {
    workload: {
      kind: subject.kind,
      namespace: subject.namespace,
      name: textOf(member(member(object, 'metadata'), 'name')),
    },
    container: image.container,
    image: image.image,
    mode: rules.mode,
    strategy: rules.strategy,
    policy: rules.policy?.name,
    verdict,
    reason,
    newest,
    behind,
    support: support?.line && supportJson(support.line),
    action: outcome.action,
    otherwise: outcome.otherwise,
    because: outcome.because,
    steps: explainOutcome(explaining),
  }
}
