import type { PolicySpec } from '../../api/index.ts'
import type { OfferRule } from '../../version/index.ts'
import type { ImagePattern } from '../match/image-pattern.ts'
import type { LabelSelector } from '../match/selector.ts'
import type { KindPattern, Match } from '../match/subject.ts'
import type { Mode } from '../settings/policy.ts'
import type { Strategy } from '../../version/index.ts'
import { parseDuration } from '../settings/time.ts'
import { compileOfferRule } from './offer-rule.ts'
import { readPatterns, isProblems, noProblems, type ObjectProblem, type Problems } from './parts.ts'

/** Where a policy is written: the configuration file, or an object of the cluster. */
export type PolicyOrigin = 'file' | 'cluster'

/** A policy, ready to be asked: what is undefined in it is as the configuration has it. */
export interface PatchPolicy {
  /** Of an object, or `file/NAME`, which no object can have. */
  readonly name: string
  readonly origin: PolicyOrigin
  readonly priority: number
  readonly match: Match
  readonly mode: Mode | undefined
  readonly strategy: Strategy | undefined
  /** What may be offered beside what the strategy says; undefined: anything. */
  readonly rule: OfferRule | undefined
  /** How long a tag must be known before it is offered, in milliseconds; 0 where it need not. */
  readonly minimumAge: number
  readonly grace: Grace | undefined
  readonly others: Others
  readonly delegates: ReadonlySet<'mode' | 'strategy'>
  /** Where exceptions count, and for how long; undefined: nowhere. */
  readonly exceptions: { readonly namespaces: LabelSelector; readonly longest: number } | undefined
  /** Undefined where the annotation for an emergency changes nothing. */
  readonly breakGlass: { readonly channel: string | undefined } | undefined
}

/** How long an outdated image is only warned about, in milliseconds. */
export interface Grace {
  readonly period: number
  readonly sooner: readonly {
    readonly period: number
    readonly images: readonly ImagePattern[] | undefined
    readonly namespaces: LabelSelector | undefined
  }[]
}

/** What happens to images that cannot be told to be current; undefined is as the configuration has it. */
export type Others = PolicySpec['others'] & {}

/** A policy by its spec, or what is wrong with that. The spec has the shape of its schema. */
export function compilePolicy(
  { name, origin }: Pick<PatchPolicy, 'name' | 'origin'>,
  spec: PolicySpec,
): PatchPolicy | readonly ObjectProblem[] {
  const problems = noProblems()
  const rule = ruleOf(spec, problems)
  const policy: PatchPolicy = {
    name: origin === 'file' ? `file/${name}` : name,
    origin,
    priority: spec.priority,
    match: matchOf(spec, problems),
    mode: spec.mode,
    strategy: spec.strategy,
    rule,
    minimumAge: durationOf(spec.minimumAge, 'spec.minimumAge', problems) ?? 0,
    grace: graceOf(spec, problems),
    others: spec.others ?? {},
    delegates: new Set(spec.delegate),
    exceptions: exceptionsOf(spec, problems),
    breakGlass: spec.breakGlass && { channel: spec.breakGlass.channel },
  }
  return problems.all.length === 0 ? policy : problems.all
}

function ruleOf(spec: PolicySpec, problems: Problems): OfferRule | undefined {
  const rule = compileOfferRule(spec)
  if (rule === undefined || !isProblems(rule)) return rule
  for (const { path, message } of rule) problems.add(`spec.${path}`, message)
  return undefined
}

function matchOf({ match }: PolicySpec, problems: Problems): Match {
  return {
    namespaces: match.namespaceSelector,
    objects: match.objectSelector,
    kinds: match.kinds?.map(kindOf),
    images: match.images && readPatterns(match.images, 'spec.match.images', problems),
  }
}

// `Rollout.argoproj.io`, as kubectl has it.
function kindOf(text: string): KindPattern {
  const dot = text.indexOf('.')
  return dot < 0 ? { kind: text, group: undefined } : { kind: text.slice(0, dot), group: text.slice(dot + 1) }
}

function graceOf({ grace, mode }: PolicySpec, problems: Problems): Grace | undefined {
  if (grace === undefined) return undefined
  if (mode !== undefined && mode !== 'enforce')
    problems.add('spec.grace', 'a grace period needs mode enforce: the other modes refuse nothing')
  return {
    period: durationOf(grace.period, 'spec.grace.period', problems) ?? 0,
    sooner: (grace.sooner ?? []).map(({ period, images, namespaceSelector }, at) => ({
      period: durationOf(period, `spec.grace.sooner[${at}].period`, problems) ?? 0,
      images: images && readPatterns(images, `spec.grace.sooner[${at}].images`, problems),
      namespaces: namespaceSelector,
    })),
  }
}

function exceptionsOf({ exceptions }: PolicySpec, problems: Problems): PatchPolicy['exceptions'] {
  if (exceptions === undefined) return undefined
  const longest = durationOf(exceptions.longest, 'spec.exceptions.longest', problems) ?? 0
  return { namespaces: exceptions.namespaceSelector, longest }
}

function durationOf(text: string | undefined, path: string, problems: Problems): number | undefined {
  if (text === undefined) return undefined
  return parseDuration(text) ?? problems.add(path, 'it is no time span; write 30m, 72h, 7d or 2w')
}
