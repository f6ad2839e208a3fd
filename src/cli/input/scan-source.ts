import { createHash } from 'node:crypto'
import type { Config } from '../../config/index.ts'
import { bookOf, noPolicies, withFilePolicies } from '../../policy/index.ts'
import type { FilesReading, JudgeOptions } from '../../scan/index.ts'
import type { Strategy } from '../../version/index.ts'
import { commandLineAdvice, forCommandLine } from '../print/advice.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { evaluateOne } from './evaluate-one.ts'
import { policiesIn } from './explained-objects.ts'
import { allowing, personalPlaces, type RegistryOptions } from './options.ts'
import { sourceFromCatalog, sourceFromRegistries, type CheckSource } from './tag-source.ts'

/** The options that decide about the images of files. */
export interface JudgingOptions extends RegistryOptions {
  readonly strategy?: Strategy
  readonly policy?: readonly string[]
  readonly namespace: string
  readonly namespaceLabels?: Readonly<Record<string, string>>
  readonly config?: string
  readonly catalog?: string
}

/** By what images of files are judged. */
export interface Judging {
  readonly options: JudgingOptions
  readonly config: Config
  readonly terminal: Terminal
  /** Epoch milliseconds. */
  readonly now: number
}

/** Where the tags for the images of files come from. @throws UsageError */
export function sourceForFiles(
  { images }: Pick<FilesReading, 'images'>,
  { options, config, terminal, now }: Judging,
): Promise<CheckSource> {
  const { catalog } = options
  if (catalog !== undefined) return sourceFromCatalog(catalog, { config, now }, terminal)
  return sourceFromRegistries(allowing(config, options), {
    references: images.map(({ found }) => found.image),
    // Files come from others, as in a pull request: what they name is asked only where it is allowed.
    anyRegistry: false,
    personal: personalPlaces(terminal, options),
    whole: false,
    advice: commandLineAdvice(options.config !== undefined),
  })
}

/** How images of files are judged: by the policies of the configuration and of the files that the options name. @throws UsageError */
export function judgeOptionsOf(
  source: CheckSource,
  { options, config, terminal, now }: Judging,
): JudgeOptions {
  const { policy, namespace, namespaceLabels = {}, strategy = config.strategy } = options
  const given = policy === undefined ? { ...noPolicies, now: () => now } : policiesIn(policy, terminal)
  const policies = withFilePolicies(given, config)
  return {
    book: bookOf({ defaults: { ...config, strategy }, ownNamespace: config.ownNamespace }, policies),
    namespace,
    namespaceLabels,
    now,
    hash: text => createHash('sha256').update(text).digest('hex').slice(0, fingerprintLength),
    async evaluate(image, offers) {
      const evaluation = await evaluateOne(image, offers, source)
      const { detail } = evaluation
      return { ...evaluation, detail: detail === undefined ? undefined : forCommandLine(detail) }
    },
  }
}

// 96 bits: no two of millions of rows have the same.
const fingerprintLength = 24
