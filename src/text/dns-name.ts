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
