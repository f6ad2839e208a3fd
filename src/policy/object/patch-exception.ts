import type { ExceptionSpec } from '../../api/index.ts'
import { instantOf } from '../../text/index.ts'
import type { ImagePattern } from '../match/image-pattern.ts'
import type { LabelSelector } from '../match/selector.ts'
import { readPatterns, noProblems, type ObjectProblem } from './parts.ts'

/** An exception, ready to be asked. */
export interface PatchException {
  readonly namespace: string
  readonly name: string
  /** Epoch milliseconds. */
  readonly createdAt: number
  readonly images: readonly ImagePattern[]
  /** Undefined: any. */
  readonly containers: ReadonlySet<string> | undefined
  readonly objects: LabelSelector | undefined
  /** When its author wants it to end, in epoch milliseconds; a policy may end it sooner. */
  readonly until: number
  /** The newest tag that is excused. */
  readonly upTo: string | undefined
  readonly reason: string
  readonly owner: string
  readonly ticket: string | undefined
}

/** Which object an exception is. */
export type ExceptionIdentity = Pick<PatchException, 'namespace' | 'name' | 'createdAt'>

/** An exception by its spec, or what is wrong with that. The spec has the shape of its schema. */
export function compileException(
  { namespace, name, createdAt }: ExceptionIdentity,
  spec: ExceptionSpec,
): PatchException | readonly ObjectProblem[] {
  const problems = noProblems()
  const images = readPatterns(spec.images, 'spec.images', problems)
  const until =
    instantOf(spec.until) ?? problems.add('spec.until', 'it is no date; write 2026-12-24T08:00:00Z')
  if (until === undefined || problems.all.length > 0) return problems.all
  return {
    namespace,
    name,
    createdAt,
    images,
    containers: spec.containers && new Set(spec.containers),
    objects: spec.objectSelector,
    until,
    upTo: spec.upTo,
    reason: spec.reason,
    owner: spec.owner,
    ticket: spec.ticket,
  }
}
