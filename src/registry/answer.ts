import { invalidAnswer } from './fault.ts'

/** An answer of a registry, whole and within its limit. */
export interface Answer {
  readonly url: URL
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** A header's value; several lines of it as one list (RFC 9110, 5.3). */
export function headerOf(answer: Pick<Answer, 'headers'>, name: string): string | undefined {
  const value = answer.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/**
 * The JSON of an answer.
 * @throws RegistryFault where the body is not UTF-8 or not JSON.
 */
export function jsonOf(answer: Answer): unknown {
  const text = decode(answer.body)
  try {
    return JSON.parse(text)
  } catch {
    const looks = text.trimStart().startsWith('<') ? ' but HTML' : ''
    throw invalidAnswer(`its answer is not JSON${looks}`) // the error quotes the text, which may be a part of a token
  }
}

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * The tags of one page; `null` is none, for distribution says so of a repository whose tags were deleted.
 * @throws RegistryFault where the answer has another shape.
 */
export function tagsOf(answer: Answer): readonly string[] {
  const page = jsonOf(answer)
  if (!isObject(page) || !('tags' in page)) throw invalidAnswer('its answer has no list of tags')
  if (page['tags'] === null) return []
  if (!isTexts(page['tags'])) throw invalidAnswer('its tags are not a list of texts')
  return page['tags']
}

/** The error codes of the distribution specification that an answer carries; none where it has another shape. */
export function errorCodesOf(answer: Answer): readonly string[] {
  const body = parseLeniently(answer.body)
  const errors: readonly unknown[] = isObject(body) && Array.isArray(body['errors']) ? body['errors'] : []
  return errors.flatMap(error => {
    const code = isObject(error) ? error['code'] : undefined
    return typeof code === 'string' && /^[A-Z_]{1,40}$/.test(code) ? [code] : []
  })
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every(item => typeof item === 'string')
}

function decode(body: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch (error) {
    throw invalidAnswer('its answer is not UTF-8', error)
  }
}

function parseLeniently(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch {
    return undefined // a proxy's HTML: the status says enough
  }
}
