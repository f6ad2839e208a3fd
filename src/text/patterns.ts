/** Whether a text matches a pattern in which each `*` stands for any text, also none. Takes time linear in the text for each star. */
export function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  const last = rest.pop()
  if (last === undefined) return text === first
  if (!text.startsWith(first) || !text.endsWith(last)) return false
  const end = text.length - last.length
  let at = first.length
  // The first place at which a part stands leaves most for those behind it.
  for (const part of rest) {
    const found = text.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return at <= end
}

const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const subdomain = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/

/** Whether a text is an RFC 1123 label: the name of a namespace, a container or a volume. */
export function isDnsLabel(text: string): boolean {
  return label.test(text)
}

/** Whether a text is an RFC 1123 subdomain: the name of nearly every other object. */
export function isDnsSubdomain(text: string): boolean {
  return subdomain.test(text)
}
