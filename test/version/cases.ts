import { strategies, type Schemes, type Strategy, type TagReading } from '../../src/version/index.ts'

/** Files of cases beside this one: by rule, from public reports and odd images, real histories. */
export const caseFiles = ['tags.jsonl', 'tags-2.jsonl', 'official.jsonl'] as const

/** A tag among others, and what is right to say of it. */
export interface TagCase {
  readonly id: string
  /** `registry/repository`; undefined where nothing depends on it. */
  readonly image: string | undefined
  readonly current: string
  readonly tags: readonly string[]
  readonly strategy: Strategy
  readonly verdict: string
  readonly newest: string | undefined
}

/** The cases of a file, one a line. */
export function casesIn(text: string): readonly TagCase[] {
  return text
    .trim()
    .split('\n')
    .map(line => caseOf(JSON.parse(line)))
}

function caseOf(one: Record<string, unknown>): TagCase {
  const { tags } = one
  const strategy = strategies.find(name => name === one['strategy'])
  if (!Array.isArray(tags) || strategy === undefined) throw new Error(`no case: ${JSON.stringify(one)}`)
  const text = (key: string): string | undefined => (typeof one[key] === 'string' ? one[key] : undefined)
  return {
    id: text('id') ?? '',
    image: text('image'),
    current: text('current') ?? '',
    tags: tags.map(String),
    strategy,
    verdict: text('verdict') ?? '',
    newest: text('newest'),
  }
}

/** How the image of a case is read. */
export function readingOf({ image }: TagCase, schemes: Schemes): TagReading | undefined {
  if (image === undefined) return undefined
  const [registry = '', ...path] = image.split('/')
  return schemes.of({ registry, repository: path.join('/') })
}
