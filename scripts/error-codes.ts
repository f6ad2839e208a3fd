/** The errors of `src/` that carry a code, read from the source. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** An error class and the codes that it may have. */
export interface CodedError {
  readonly name: string
  readonly meaning: string
  readonly codes: readonly (readonly [code: string, meaning: string])[]
}

/** All error classes with a code, by name. */
export function codedErrors(root: string): readonly CodedError[] {
  return globSync('src/**/*.ts', { cwd: root })
    .flatMap(file => errorsIn(readFileSync(join(root, file), 'utf8')))
    .toSorted((one, other) => (one.name < other.name ? -1 : 1))
}

/** The page docs/errors.md. */
export function errorsPage(errors: readonly CodedError[]): string {
  const sections = errors.map(({ name, meaning, codes }) => {
    const rows = codes.map(([code, why]) => `| \`${code}\` | ${why} |`)
    return [`## ${name}`, '', meaning, '', '| code | meaning |', '|---|---|', ...rows].join('\n')
  })
  return `${[introduction, ...sections].join('\n\n')}\n`
}

const introduction = `# Error codes

The field \`code\` of errors in the log, beside the message that says what happened, to which object, and what to do next. Made from the source by
\`npm run docs\`. The reasons of verdicts have a page of their own: [reasons.md](reasons.md).`

type Union = readonly [name: string, members: readonly (readonly [code: string, meaning: string])[]]

// Each member on a line of its own: `| 'gone' // why`.
function unionsIn(text: string): readonly Union[] {
  return [...text.matchAll(/^export type (\w+Code) =\n((?: {2}\| '.*\n)+)/gm)].map(
    ([, name = '', body = '']) => [
      name,
      [...body.matchAll(/\| '([\w-]+)'(?: \/\/ (.*))?/g)].map(([, code = '', meaning = '']) => {
        if (meaning === '') throw new Error(`${name}: say behind '${code}' what it means: // …`)
        return [code, meaning] as const
      }),
    ],
  )
}

// A class whose codes stand in another file becomes the error of that file before it is logged.
function errorsIn(text: string): readonly CodedError[] {
  const unions = new Map(unionsIn(text))
  return [
    ...text.matchAll(/((?:^ \*.*\n|^\/\*\*.*\n)+)export class (\w+) extends Error \{\n([^]*?)\n\}/gm),
  ].flatMap(([, comment = '', name = '', body = '']) => {
    const type = /readonly code(?:: (\w+)| = '([a-z-]+)')/.exec(body)
    if (type === null) return []
    const [, union = '', single] = type
    const codes = single === undefined ? unions.get(union) : [[single, 'the only one'] as const]
    if (codes === undefined && text.includes(`export type ${union} =`))
      throw new Error(`${union}: write its codes one a line, each with what it means: // …`)
    return codes === undefined ? [] : [{ name, meaning: plainText(comment), codes }]
  })
}

function plainText(comment: string): string {
  return comment
    .replaceAll(/^\/\*\*|^ \*\/?|\*\/$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}
