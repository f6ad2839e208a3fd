import { InvalidArgumentError, Option, type Command } from 'commander'
import { compileOfferRule, parseDuration } from '../../policy/index.ts'
import { releaseChannels, type OfferRule, type ReleaseChannel } from '../../version/index.ts'
import { UsageError } from '../terminal/terminal.ts'
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

/** What the options say of a newer tag: nothing where they restrict nothing. @throws UsageError */
export function offersBy(options: OfferOptions): {
  readonly rule?: OfferRule
  readonly minimumAge?: number
} {
  const { minimumAge, channel: releaseChannel, ...others } = options
  const rule = compileOfferRule({ ...others, ...(releaseChannel !== undefined && { releaseChannel }) })
  if (rule !== undefined && !('preReleases' in rule)) {
    const problems = rule.map(({ path, message }) => `--${path.replace(/\[.*/, '')}: ${message}`)
    throw new UsageError(problems.join('; '))
  }
  return { ...(rule && { rule }), ...(minimumAge !== undefined && { minimumAge }) }
}
