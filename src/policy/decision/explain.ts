import { spellInstant } from '../../text/index.ts'
import type { OfferRule, ReleaseChannel } from '../../version/index.ts'
import { unmatched, type Match, type Subject, type SubjectImage } from '../match/subject.ts'
import type { PatchPolicy } from '../object/patch-policy.ts'
import type { PolicyBook, ImageRules, SettingSource } from './image-rules.ts'
import { endOf, exceptionState, type ExceptionState, type Finding, type Outcome } from './outcome.ts'

/** Why something is as it is, step by step, in the order in which it is decided. */
export interface ExplainedStep {
  /** `policy production` */
  readonly step: string
  /** `decides` */
  readonly says: string
}

/** All that an explanation is about. */
export interface Explaining {
  readonly image: SubjectImage
  readonly subject: Subject
  readonly book: PolicyBook
  readonly rules: ImageRules
  readonly finding: Finding
  readonly outcome: Outcome
  /** Epoch milliseconds. */
  readonly now: number
}

/** How an image came to its outcome: each policy that was asked, what each setting comes from, exceptions, and what is done. */
export function explainOutcome(explaining: Explaining): readonly ExplainedStep[] {
  const { rules, book } = explaining
  const { mode, strategy } = book.defaults
  return [
    { step: 'configuration', says: `mode ${mode}, strategy ${strategy}` },
    ...policySteps(explaining),
    { step: 'mode', says: `${rules.mode} (${sourceText(rules.modeFrom, rules)})` },
    { step: 'strategy', says: `${rules.strategy} (${sourceText(rules.strategyFrom, rules)})` },
    ...offerSteps(rules.policy),
    ...(rules.grace > 0 ? [{ step: 'grace', says: spanText(rules.grace) }] : []),
    ...rules.ignored.map(sentence => ({ step: 'ignored', says: sentence })),
    ...exceptionSteps(explaining),
    ...(rules.breakGlass === undefined ? [] : [{ step: 'break-glass', says: rules.breakGlass }]),
    { step: 'outcome', says: outcomeText(explaining) },
  ]
}

/** Those that were asked: the ones that do not match, up to the one that decides. */
function policySteps({ image, subject, book, rules }: Explaining): readonly ExplainedStep[] {
  if (book.policies.length === 0) return [{ step: 'policies', says: 'none' }]
  const decides = rules.policy === undefined ? book.policies.length : book.policies.indexOf(rules.policy) + 1
  const asked = book.policies.slice(0, decides).map(policy => {
    const failed = unmatched(policy.match, subject, image)
    const says = failed === undefined ? 'decides' : whyNot[failed]
    return { step: `${spokenName(policy)} (priority ${policy.priority})`, says }
  })
  const left = book.policies.length - decides
  const more = `${left} more ${left === 1 ? 'policy is' : 'policies are'} not asked`
  return left === 0 ? asked : [...asked, { step: 'policies', says: more }]
}

// As kubectl has it, or where it is in the file.
function spokenName({ name, origin }: PatchPolicy): string {
  return origin === 'file' ? name : `PatchPolicy/${name}`
}

const whyNot: Readonly<Record<keyof Match, string>> = {
  kinds: 'does not match: its kinds are others',
  namespaces: 'does not match: its namespaceSelector does not select the namespace',
  objects: 'does not match: its objectSelector does not select the object',
  images: 'does not match: none of its patterns means the image',
}

function sourceText(source: SettingSource, { policy }: ImageRules): string {
  switch (source) {
    case 'configuration':
      return 'configuration'
    case 'policy':
      return policy === undefined ? 'policy' : spokenName(policy)
    case 'namespace-label':
      return 'label of the namespace'
    case 'annotation':
      return 'annotation of the object'
    case 'safety':
      return 'nothing is refused in this namespace'
  }
}

function offerSteps(policy: PatchPolicy | undefined): readonly ExplainedStep[] {
  if (policy === undefined) return []
  const { rule, minimumAge } = policy
  const limits = [
    ...(rule === undefined ? [] : ruleTexts(rule)),
    ...(minimumAge > 0 ? [`only tags older than ${spanText(minimumAge)}`] : []),
  ]
  return limits.length === 0 ? [] : [{ step: 'offers', says: limits.join(', ') }]
}

function ruleTexts({ inRange, never, preReleases, channel }: OfferRule): readonly string[] {
  return [
    ...(inRange === undefined ? [] : ['only versions in its range']),
    ...(never === undefined ? [] : ['not the tags under never']),
    ...(preReleases === 'leave' ? ['releases first'] : []),
    ...(channel === undefined ? [] : [channelTexts[channel]]),
  ]
}

const channelTexts: Readonly<Record<Exclude<ReleaseChannel, 'any'>, string>> = {
  stable: 'only stable lines',
  even: 'only lines with an even number',
  lts: 'only lines with long-term support',
}

const states: Readonly<Record<ExceptionState, string>> = {
  active: 'active',
  'not-allowed': 'does not count: the policy does not allow it in this namespace',
  ended: 'has ended',
  overtaken: 'does not count: a newer tag exists than the one under upTo',
}

function exceptionSteps(explaining: Explaining): readonly ExplainedStep[] {
  const { rules, finding, subject, now } = explaining
  return rules.exceptions.map(exception => {
    const state = exceptionState(exception, rules, { subject, now, newest: finding.newest })
    const { name, owner, reason } = exception
    const until = `until ${spellInstant(endOf(exception, rules.policy))}`
    return { step: `exception ${name}`, says: `${states[state]}, ${until}, ${owner}: ${reason}` }
  })
}

function outcomeText({ outcome, finding }: Explaining): string {
  const { action, otherwise, because, until, exception } = outcome
  const done = { nothing: 'nothing is done', warn: 'warned about', refuse: 'refused' }
  if (because === undefined) return `${done[action]}: ${finding.verdict}`
  const end = until === undefined ? '' : ` until ${spellInstant(until)}`
  const why = {
    stale: 'the tags are too old to refuse by',
    unproven: 'whether the newest tag runs there is not known',
    exception: `exception ${exception?.name}${end}`,
    'break-glass': 'break-glass',
    grace: `grace${end}`,
  }[because]
  return `${done[action]}, else ${done[otherwise]}: ${why}`
}

const units = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
] as const

/** A time span in its largest unit: `14d`. */
function spanText(milliseconds: number): string {
  const [unit, length] = units.find(([, one]) => milliseconds % one === 0) ?? units[2]
  return `${Math.floor(milliseconds / length)}${unit}`
}
