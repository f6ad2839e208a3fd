// Longer than any legal name of Kubernetes or of a registry.
const longest = 255
const escaped = /[\\"\n]/

/** A label's value as the text format 0.0.4 of Prometheus wants it between quotes, at most 255 characters of it. */
export function labelValue(value: string): string {
  const short = (value.length > longest ? value.slice(0, longest) : value).toWellFormed()
  return escaped.test(short)
    ? short
        .replaceAll('\\', String.raw`\\`)
        .replaceAll('"', String.raw`\"`)
        .replaceAll('\n', String.raw`\n`)
    : short
}

/** Labels as they stand between the braces; the order is that given. */
export function labelText(labels: Readonly<Record<string, string>>): string {
  const parts: string[] = []
  for (const [name, value] of Object.entries(labels)) parts.push(name, '="', labelValue(value), '",')
  // Joined, not added up: V8 would keep every sum on the way, which is three times the memory.
  return parts.join('').slice(0, -1)
}
