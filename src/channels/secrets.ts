/** The parts of an address by which it could be known: all of it, its path, and each longer piece of that. */
export function secretsOf(url: URL): readonly string[] {
  const pieces = `${url.pathname}${url.search}`.split(/[/?&=]/).filter(({ length }) => length >= shortest)
  return [url.href, `${url.pathname}${url.search}`, url.pathname, ...pieces, ...pieces.map(decoded)].filter(
    ({ length }) => length >= shortest,
  )
}

// A shorter word is no secret, and would be cut out of ordinary sentences.
const shortest = 6

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const longestSaid = 100

/**
 * What the other side said, made fit for a log, with a space before it; empty where it said nothing. Its words may be anything, also what
 * we sent: proxies and servers like to repeat a path or a command.
 */
export function saidBy(text: string, secrets: readonly string[]): string {
  const plain = text.replaceAll(/[^\x20-\x7e]+/g, ' ').trim()
  const hidden = secrets
    .filter(secret => secret !== '')
    .toSorted((one, other) => other.length - one.length)
    .reduce((said, secret) => said.replaceAll(secret, '***'), plain)
  if (hidden === '') return ''
  return ` ${JSON.stringify(hidden.length > longestSaid ? `${hidden.slice(0, longestSaid)}...` : hidden)}`
}
