import type { Reference } from '../../image/index.ts'
import { strategies, type OfferRule, type Strategy } from '../../version/index.ts'
import { matchesAny, selectsNamespace, unmatched, type Subject, type SubjectImage } from '../match/subject.ts'
import { selects, valueOf } from '../match/selector.ts'
import type { PatchException } from '../object/patch-exception.ts'
import type { PatchPolicy } from '../object/patch-policy.ts'
import {
  breakGlassAnnotation,
  modeLabel,
  modes,
  strategyAnnotation,
  type Mode,
  type Policy,
} from '../settings/policy.ts'

const none: readonly [] = []

/** All that decides about images: the configuration, and what the cluster holds. */
export interface PolicyBook {
  /** Of the configuration: what holds where no policy says anything. */
  readonly defaults: Policy
  /** Nothing in it is refused: Patchline must be able to start. */
  readonly ownNamespace: string
  /** In the order in which they are asked: see {@link orderPolicies}. */
  readonly policies: readonly PatchPolicy[]
  exceptionsIn(namespace: string): readonly PatchException[]
}

/** The policies and exceptions of a cluster. */
export interface PolicySource extends Pick<PolicyBook, 'exceptionsIn'> {
  /** As of now, in order. */
  policies(): readonly PatchPolicy[]
  /** Epoch milliseconds: by it exceptions and grace end. */
  now(): number
  /**
   * Since when an image is behind as the cluster remembers it, in epoch milliseconds: longer than a process that started lately
   * can know. Undefined where that is not known.
   */
  behindSince?(reference: Reference, strategy: Strategy): number | undefined
}

/** Where a cluster has neither policies nor exceptions, no clock is needed. */
export const noPolicies: PolicySource = { policies: () => none, exceptionsIn: () => none, now: () => 0 }

/** What decides about images: the configuration, and the policies and exceptions as of now. */
export function bookOf(
  settings: Pick<PolicyBook, 'defaults' | 'ownNamespace'>,
  source: PolicySource,
): PolicyBook {
  const { defaults, ownNamespace } = settings
  return { defaults, ownNamespace, policies: source.policies(), exceptionsIn: source.exceptionsIn }
}

/** What a setting comes from; `safety`: from that nothing may keep a cluster from healing. */
export type SettingSource = 'configuration' | 'policy' | 'namespace-label' | 'annotation' | 'safety'

/** What holds for one image of one object. */
export interface ImageRules extends Policy {
  readonly modeFrom: SettingSource
  readonly strategyFrom: SettingSource
  /** The policy that decides about the image; undefined: the configuration alone does. */
  readonly policy: PatchPolicy | undefined
  /** How long it is only warned about, in milliseconds; 0 where there is no grace. */
  readonly grace: number
  /** Those that name it, whatever their state. */
  readonly exceptions: readonly PatchException[]
  /** Why its object must not be refused now, where the policy lets that be said. */
  readonly breakGlass: string | undefined
  /** Labels and annotations that change nothing, as sentences for the person who applies. */
  readonly ignored: readonly string[]
}

/** What may be offered under the rules, for a request to evaluate an image. */
export function offersUnder({ strategy, policy }: Pick<ImageRules, 'strategy' | 'policy'>): Offers {
  if (policy === undefined || (policy.rule === undefined && policy.minimumAge === 0)) return { strategy }
  const { rule, minimumAge } = policy
  return { strategy, ...(rule && { rule }), ...(minimumAge > 0 && { minimumAge }) }
}

interface Offers extends Pick<Policy, 'strategy'> {
  readonly rule?: OfferRule
  /** Milliseconds. */
  readonly minimumAge?: number
}

/** Policies in the order in which they are asked: by priority, of equal ones those of the file first, then by name. */
export function orderPolicies(policies: readonly PatchPolicy[]): readonly PatchPolicy[] {
  return policies.toSorted(
    (a, b) => b.priority - a.priority || placeOf(a) - placeOf(b) || (a.name < b.name ? -1 : 1),
  )
}

function placeOf({ origin }: PatchPolicy): number {
  return origin === 'file' ? 0 : 1
}

/** What holds for an image: the first policy that matches it decides, and what that leaves open is as the configuration has it. */
export function rulesFor(image: SubjectImage, subject: Subject, book: PolicyBook): ImageRules {
  const policy = book.policies.find(({ match }) => unmatched(match, subject, image) === undefined)
  const asked: Asked = { image, subject, book, policy }
  const ignored: string[] = []
  const mode = safeMode(modeFor(asked, ignored), asked)
  const strategy = strategyFor(asked, ignored)
  return {
    mode: mode.value,
    modeFrom: mode.from,
    strategy: strategy.value,
    strategyFrom: strategy.from,
    policy,
    grace: graceFor(asked),
    exceptions: exceptionsFor(asked),
    breakGlass: breakGlassFor(asked, ignored),
    ignored: ignored.length === 0 ? none : ignored,
  }
}

interface Asked {
  readonly image: SubjectImage
  readonly subject: Subject
  readonly book: PolicyBook
  readonly policy: PatchPolicy | undefined
}

interface Setting<Value> {
  readonly value: Value
  readonly from: SettingSource
}

// The label of the namespace first, then the annotation of the object.
function modeFor(asked: Asked, ignored: string[]): Setting<Mode> {
  const { subject, policy, book } = asked
  const base = settingOf(policy?.mode, book.defaults.mode)
  const label = valueOf(subject.namespaceLabels ?? {}, modeLabel)
  const mayLoosen = policy?.mode === undefined || policy.delegates.has('mode')
  const ofNamespace = overridden(base, {
    wanted: modes.find(mode => mode === label),
    from: 'namespace-label',
    isAllowed: value => mayLoosen || isStricterMode(value, base.value),
  })
  if (ofNamespace === undefined)
    ignored.push(`namespace label ${modeLabel}=${label} is ignored: ${onlyStricter(policy)}`)
  return annotatedMode(ofNamespace ?? base, asked, ignored)
}

function annotatedMode(base: Setting<Mode>, { subject, policy }: Asked, ignored: string[]): Setting<Mode> {
  const annotation = valueOf(subject.annotations, modeLabel)
  const outcome = overridden(base, {
    wanted: modes.find(mode => mode === annotation),
    from: 'annotation',
    isAllowed: value => policy?.delegates.has('mode') === true || isStricterMode(value, base.value),
  })
  if (outcome === undefined)
    ignored.push(`annotation ${modeLabel}=${annotation} is ignored: ${onlyStricter(policy)}`)
  return outcome ?? base
}

function strategyFor({ subject, policy, book }: Asked, ignored: string[]): Setting<Strategy> {
  const base = settingOf(policy?.strategy, book.defaults.strategy)
  const annotation = valueOf(subject.annotations, strategyAnnotation)
  const mayNarrow = policy === undefined || policy.delegates.has('strategy')
  const outcome = overridden(base, {
    wanted: strategies.find(strategy => strategy === annotation),
    from: 'annotation',
    isAllowed: value => mayNarrow || strategies.indexOf(value) > strategies.indexOf(base.value),
  })
  if (outcome === undefined)
    ignored.push(`annotation ${strategyAnnotation}=${annotation} is ignored: ${onlyStricter(policy)}`)
  return outcome ?? base
}

function settingOf<Value>(ofPolicy: Value | undefined, ofConfiguration: Value): Setting<Value> {
  return ofPolicy === undefined
    ? { value: ofConfiguration, from: 'configuration' }
    : { value: ofPolicy, from: 'policy' }
}

interface Override<Value> {
  readonly wanted: Value | undefined
  readonly from: SettingSource
  readonly isAllowed: (value: Value) => boolean
}

/** The setting after a label or an annotation; undefined where that may not change it. */
function overridden<Value>(
  base: Setting<Value>,
  { wanted, from, isAllowed }: Override<Value>,
): Setting<Value> | undefined {
  if (wanted === undefined) return base
  // Said twice, it comes from where it was said with most right; the configuration says something about everything.
  if (wanted === base.value) return base.from === 'configuration' ? { value: wanted, from } : base
  return isAllowed(wanted) ? { value: wanted, from } : undefined
}

function isStricterMode(mode: Mode, than: Mode): boolean {
  return modes.indexOf(mode) > modes.indexOf(than)
}

function onlyStricter(policy: PatchPolicy | undefined): string {
  return policy === undefined
    ? 'an object can only make its mode stricter'
    : `policy ${policy.name} can only be made stricter`
}

// What a cluster needs to come up, and to tell its nodes alive.
const neverRefused: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease'])

/** Nothing is refused where a refusal could keep the cluster, or Patchline itself, from healing. */
function safeMode(mode: Setting<Mode>, { subject: { namespace }, book }: Asked): Setting<Mode> {
  const isSafe = neverRefused.has(namespace) || namespace === book.ownNamespace
  return mode.value === 'enforce' && isSafe ? { value: 'warn', from: 'safety' } : mode
}

/** The shortest period that applies. */
function graceFor({ image, subject, policy }: Asked): number {
  if (policy?.grace === undefined) return 0
  const { period, sooner } = policy.grace
  const shorter = sooner.filter(
    ({ images, namespaces }) =>
      (images === undefined || matchesAny(images, image.reference)) &&
      (namespaces === undefined || selectsNamespace(namespaces, subject)),
  )
  return Math.min(period, ...shorter.map(one => one.period))
}

function exceptionsFor({ image, subject, book }: Asked): readonly PatchException[] {
  const all = book.exceptionsIn(subject.namespace)
  if (all.length === 0) return none
  return all.filter(
    ({ images, containers, objects }) =>
      (containers === undefined || containers.has(image.container)) &&
      (objects === undefined || selects(objects, subject.labels)) &&
      matchesAny(images, image.reference),
  )
}

function breakGlassFor({ subject, policy }: Asked, ignored: string[]): string | undefined {
  const reason = valueOf(subject.annotations, breakGlassAnnotation)
  if (reason === undefined) return undefined
  if (reason.trim() !== '' && policy?.breakGlass !== undefined) return reason.trim()
  const why =
    reason.trim() === ''
      ? 'it gives no reason'
      : policy === undefined
        ? 'no policy allows it'
        : `policy ${policy.name} does not allow it`
  ignored.push(`annotation ${breakGlassAnnotation} is ignored: ${why}`)
  return undefined
}
