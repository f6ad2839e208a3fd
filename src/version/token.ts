/** A part of a tag's suffix with the separator before it; the separator is empty where the part is glued to the core. */
export interface Token {
  readonly separator: string
  readonly text: string
  /** Directly behind the core. */
  readonly first: boolean
}

const glued =
  /^(?:(?:alpha|beta|rc|cr|milestone|preview|pre|dev|snapshot|nightly|canary)(?:\.?\d+)?|[abm]\d{1,5}|(?:patch|hotfix)\.?\d+)(?=[-_.]|$)/i
const gluedToOneNumber =
  /^(?:(?:alpha|beta|rc|cr|milestone|preview|pre|dev|snapshot|nightly|canary)(?:\.?\d+)?)(?=[-_.]|$)/i

/** The parts of the text after a core, or undefined where the core with this text is no version. */
export function tokensOf(text: string, single: boolean): readonly Token[] | undefined {
  const start = text.charAt(0)
  if (start === '-' || start === '_') return separated(text, true)
  if (start === '.') return dotted(text)
  const match = (single ? gluedToOneNumber : glued).exec(text)
  if (match === null) return undefined
  const rest = text.slice(match[0].length)
  return [{ separator: '', text: match[0], first: true }, ...separated(rest, false)]
}

// `5.0.0.CR1`, `3.2.1.Final`: a word after a dot. `1.x` is a range, `1.2.` and a fifth number are nothing that we know.
function dotted(text: string): readonly Token[] | undefined {
  return /^\.(?:[A-WYZa-wyz]|[xX][A-Za-z0-9])/.test(text) ? separated(text, true) : undefined
}

// What is behind the eighth part stays in one piece, so that a hostile tag of 128 dashes costs no more than another.
const mostTokens = 8

function separated(text: string, first: boolean): readonly Token[] {
  const tokens: Token[] = []
  let start = 0
  for (let end = 1; end <= text.length; end++) {
    const character = text.charAt(end)
    const inside = (character !== '-' && character !== '_') || tokens.length + 1 === mostTokens
    if (end < text.length && inside) continue
    tokens.push({
      separator: text.charAt(start),
      text: text.slice(start + 1, end),
      first: first && start === 0,
    })
    start = end
  }
  return tokens
}
