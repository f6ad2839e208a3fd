import { InvalidArgumentError, Option, type Command } from 'commander'
import type { Reference } from '../../image/index.ts'
import {
  compileOfferRule,
  offersUnder,
  parseDuration,
  policyForImage,
  type PatchPolicy,
} from '../../policy/index.ts'
import { releaseChannels, type OfferRule, type ReleaseChannel, type Strategy } from '../../version/index.ts'
import { UsageError } from '../terminal/terminal.ts'
import type { Offers } from './evaluate-one.ts'
import { collect } from './options.ts'

/** The options of a command that restrict what is offered, as a PatchPolicy does. */
export interface OfferOptions {
  readonly range?: string
  readonly never?: readonly string[]
  readonly preReleases?: OfferRule['preReleases']
  readonly channel?: ReleaseChannel
  /** In milliseconds. */
  readonly minimumAge?: number
}

/** Adds the options to a command. */
export function addOfferOptions(command: Command): Command {
  return command
    .option('--range <range>', 'only offer versions in this range, as npm has it: ">=1.2 <2"')
    .option('--never <tag>', 'never offer this tag; * is any text (repeatable)', collect)
    .addOption(
      new Option(
        '--pre-releases <offer>',
        'to a pre-release: the newest of all, or leave them for the newest release (default: follow)',
      ).choices(['follow', 'leave']),
    )
    .addOption(
      new Option(
        '--channel <name>',
        'only offer lines in this release channel, by tables of support dates (default: any)',
      ).choices(releaseChannels),
    )
    .option(
      '--minimum-age <age>',
      'only offer tags that were pushed so long ago: 72h, 7d; what has no push date waits',
      parseAge,
    )
}

function parseAge(text: string): number {
  const age = parseDuration(text)
  if (age === undefined) throw new InvalidArgumentError('It is a number and m, h, d or w: 72h, 7d.')
  return age
}

/** What is wanted of a newer tag, and the policy of the configuration that says it. */
export interface WantedOffers extends Offers {
  readonly policy: PatchPolicy | undefined
}

/**
 * What is wanted of newer tags: what the options say, and where they restrict nothing, what the first policy of the configuration
 * says that needs to know no more than the image. @throws UsageError
 */
export function wantedBy(
  options: OfferOptions & { readonly strategy?: Strategy },
  policies: readonly PatchPolicy[],
): (reference: Reference | undefined) => WantedOffers {
  const { strategy } = options
  const given = offersBy(options)
  const isGiven = given.rule !== undefined || given.minimumAge !== undefined
  return reference => {
    const policy = isGiven || reference === undefined ? undefined : policyForImage(policies, reference)
    const wanted = strategy ?? policy?.strategy ?? 'patch'
    return { ...offersUnder({ strategy: wanted, policy }), ...given, policy }
  }
}

function offersBy(options: OfferOptions): Partial<Offers> {
  const { minimumAge, channel: releaseChannel, ...others } = options
  const rule = compileOfferRule({ ...others, ...(releaseChannel !== undefined && { releaseChannel }) })
  if (rule !== undefined && !('preReleases' in rule)) {
    const problems = rule.map(({ path, message }) => `--${path.replace(/\[.*/, '')}: ${message}`)
    throw new UsageError(problems.join('; '))
  }
  return { ...(rule && { rule }), ...(minimumAge !== undefined && { minimumAge }) }
}
