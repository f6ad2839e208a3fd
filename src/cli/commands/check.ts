import { Option, type Command } from 'commander'
import type { Config } from '../../config/index.ts'
import type { Evaluation } from '../../evaluation/index.ts'
import { impliedTag, referenceOf } from '../../image/index.ts'
import {
  explain,
  learnTags,
  strategies,
  tagListOf,
  teachingFor,
  textsOf,
  type Strategy,
  type Wanted,
} from '../../version/index.ts'
import { assertReferences, loadConfig } from '../input/arguments.ts'
import { commandLineAdvice, forCommandLine } from '../print/advice.ts'
import { sourceFromFile, sourceFromRegistries, type CheckSource } from '../input/tag-source.ts'
import {
  checkFormats,
  printChecked,
  type Checked,
  type CheckFormat,
  type NotChosen,
} from '../print/checked.ts'
import {
  createProgress,
  screenOf,
  exitCodes,
  UsageError,
  type ColorChoice,
  type ExitCode,
  type Terminal,
} from '../terminal/terminal.ts'
import {
  addRegistryOptions,
  allowing,
  personalPlaces,
  type RegistryOptions,
  colorOption,
} from '../input/options.ts'
import { evaluateOne, supportOf } from '../input/evaluate-one.ts'
import { addOfferOptions, wantedBy, type OfferOptions } from '../input/offers.ts'
import { countsOf } from '../print/verdicts.ts'

interface CheckOptions extends RegistryOptions, OfferOptions {
  readonly strategy?: Strategy
  readonly tagsFrom?: string
  readonly output: CheckFormat
  readonly explain?: true
  readonly config?: string
  readonly color: ColorChoice
}

const examples = `
Examples:
  $ patchline check nginx:1.25.1
  $ patchline check nginx:1.25.1 redis:7.2.3 --strategy minor -o json
  $ patchline check nginx:1.25.1 --explain                  why not each other tag
  $ patchline check registry.example.com:5000/team/app:1.0.0 --insecure-registry registry.example.com:5000
  $ crane ls nginx | patchline check nginx:1.25.1 --tags-from -`

/** Adds `patchline check`. */
export function addCheck(
  program: Command,
  context: { terminal: Terminal; exit(code: ExitCode): void },
): void {
  const command = program
    .command('check')
    .description(
      'Explain what is newer than an image. Exits 0 if nothing is outdated, 2 if something is, 4 if a tag does not exist, 3 if something could not be checked.',
    )
    .argument('<reference...>', 'images as in a pod spec: nginx:1.25.1')
    .addOption(
      new Option('-s, --strategy <strategy>', 'how far a newer tag may be (default: patch)').choices(
        strategies,
      ),
    )
    .option(
      '--tags-from <file>',
      'read the tags of the repository from a file, one a line (- is standard input), and ask no registry',
    )
    .addOption(
      new Option('-o, --output <format>', 'how to print; wide breaks no line')
        .choices(checkFormats)
        .default('table'),
    )
    .option(
      '--explain',
      'say what the tags of the repository teach, and of every other tag why it was not chosen',
    )
    .option(
      '-c, --config <file>',
      'configuration with the registries that may be asked (without it, any that a reference names), and with policies: those about images alone count unless options say what to offer',
    )
  addRegistryOptions(addOfferOptions(command))
    .addOption(colorOption())
    .addHelpText('after', examples)
    .action(async (references: readonly string[], options: CheckOptions) => {
      context.exit(await check(references, options, context.terminal))
    })
}

async function check(
  references: readonly string[],
  options: CheckOptions,
  terminal: Terminal,
): Promise<ExitCode> {
  assertReferences(references, terminal)
  const config = loadConfig(options.config, terminal)
  const wantedFor = wantedIn(options, config)
  const source = await sourceOf(references, { options, config }, terminal)
  const progress = createProgress(terminal)
  try {
    for (const problem of source.problems) terminal.err(`patchline: ${problem}\n`)
    progress.show(references.length === 1 ? 'asking the registry' : 'asking registries')
    const checked = await Promise.all(
      references.map(image => checkOne(image, source, { wantedFor, explains: options.explain === true })),
    )
    progress.end()
    terminal.out(printChecked(checked, options.output, screenOf(terminal, screenSettings(options))))
    if (checked.length > 1)
      terminal.err(
        `${countsOf(
          checked.map(({ evaluation }) => evaluation),
          'image',
        )}\n`,
      )
    return exitCodeOf(checked)
  } finally {
    progress.end()
    await source.close()
  }
}

function wantedIn(options: CheckOptions, config: Config): ReturnType<typeof wantedBy> {
  const { tagsFrom, minimumAge } = options
  if (tagsFrom !== undefined && minimumAge !== undefined)
    throw new UsageError('--minimum-age needs a registry: a file does not say when tags came')
  const wantedFor = wantedBy(options, config.policies)
  if (tagsFrom === undefined) return wantedFor
  return reference => ({ ...wantedFor(reference), minimumAge: 0 })
}

function screenSettings({ color, output }: CheckOptions) {
  return { color, isWide: output === 'wide' }
}

async function sourceOf(
  references: readonly string[],
  { options, config }: { readonly options: CheckOptions; readonly config: Config },
  terminal: Terminal,
): Promise<CheckSource> {
  const { explain: whole = false, tagsFrom } = options
  if (tagsFrom !== undefined) return sourceFromFile(tagsFrom, { references, config }, terminal)
  return sourceFromRegistries(allowing(config, options), {
    references,
    anyRegistry: options.config === undefined,
    personal: personalPlaces(terminal, options),
    whole,
    advice: commandLineAdvice(options.config !== undefined),
  })
}

async function checkOne(
  image: string,
  source: CheckSource,
  { wantedFor, explains }: { readonly wantedFor: ReturnType<typeof wantedBy>; readonly explains: boolean },
): Promise<Checked> {
  const { policy, ...wanted } = wantedFor(referenceOf(image))
  const evaluation = await evaluateOne(image, wanted, source)
  const { reference, detail } = evaluation
  const advised = detail === undefined ? undefined : forCommandLine(detail)
  const tag = reference === undefined ? undefined : impliedTag(reference)
  const now = Date.now()
  const rule = reference && wanted.rule && source.channelRules.ruleFor(wanted.rule, reference, now)
  const explained = explains
    ? explainedBy(evaluation, source, { ...wanted, ...(rule && { rule }) })
    : undefined
  return {
    rejected: undefined,
    taught: undefined,
    policy: policy?.name,
    support: supportOf(reference, { source, rule: wanted.rule, now }),
    ...explained,
    evaluation: { ...evaluation, detail: advised },
    tag,
  }
}

function explainedBy(
  { reference, passed }: Evaluation,
  source: CheckSource,
  wanted: Wanted,
): Pick<Checked, 'rejected' | 'taught'> | undefined {
  const list = reference === undefined ? undefined : source.tagsOf(reference)
  if (reference === undefined || list === undefined) return undefined
  const tags = learnTags(tagListOf(list), source.schemes(reference))
  const tag = impliedTag(reference)
  const taught = tag === undefined ? undefined : teachingFor(tag, tags)
  const reasons = new Map<string, NotChosen['reason']>(passed.map(one => [one.tag, one.reason]))
  const gone = new Set(list.filter(other => other !== tag && source.isGone(reference, other)))
  for (const other of gone) reasons.set(other, 'gone')
  const [there, others] = [list.filter(other => !reasons.has(other)), [...reasons]]
  const without = new Set(passed.map(one => one.tag))
  const left = { ...tags, without, list: tagListOf(textsOf(tags.list).filter(other => !gone.has(other))) }
  const byRegistry = others.map(([other, reason]) => ({ tag: other, reason }))
  return { rejected: [...explain(tag, there, { ...wanted, tags: left }), ...byRegistry], taught }
}

function exitCodeOf(checked: readonly Checked[]): ExitCode {
  if (checked.some(({ evaluation }) => evaluation.verdict === 'outdated')) return exitCodes.outdated
  // A slip of the finger has nothing newer in its line, and is not fine.
  if (checked.some(({ evaluation }) => evaluation.reason === 'not-listed')) return exitCodes.missing
  return checked.some(({ evaluation }) => evaluation.verdict === 'unknown')
    ? exitCodes.unchecked
    : exitCodes.fine
}
