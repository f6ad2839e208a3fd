import { isJsonObject } from '../../json/index.ts'
import { invalidResponse, unavailable } from './registry-error.ts'

/** The response of a registry, whole and within the limit of its size. */
export interface RegistryResponse {
  readonly url: URL
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: Buffer
}

/** A header's value; several lines of it as one list (RFC 9110, 5.3). */
export function headerOf(response: Pick<RegistryResponse, 'headers'>, name: string): string | undefined {
  const value = response.headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/**
 * Lets a response with status 200 pass.
 * @throws RegistryError `unavailable` where the server failed; for any other status what `refused` makes of the message.
 */
export function checkStatus(
  { status }: Pick<RegistryResponse, 'status'>,
  server: string,
  refused: (message: string) => Error = invalidResponse,
): void {
  if (status === 200) return
  const message = `${server} answered ${status}`
  throw status >= 500 || status === 408 ? unavailable(message) : refused(message)
}

/**
 * The JSON in the body of a response.
 * @throws RegistryError where the body is not UTF-8 or not JSON, or is nested too deeply or has too many values.
 */
export function parseJson(response: Pick<RegistryResponse, 'body'>): unknown {
  const text = decode(response.body)
  checkShape(response.body)
  try {
    return JSON.parse(text)
  } catch {
    const looks = text.trimStart().startsWith('<') ? ' but HTML' : ''
    throw invalidResponse(`its answer is not JSON${looks}`) // the error quotes the text, which may be a part of a token
  }
}

/**
 * The tags of one page; `null` is none, for distribution says so of a repository whose tags were deleted.
 * @throws RegistryError where the page has another shape.
 */
export function tagsIn(body: Buffer): readonly string[] {
  const page = parseJson({ body })
  if (!isJsonObject(page) || !('tags' in page)) throw invalidResponse('its answer has no list of tags')
  if (page['tags'] === null) return []
  if (!isTexts(page['tags'])) throw invalidResponse('its tags are not a list of texts')
  return page['tags']
}

/** The error codes of the distribution specification that a response carries; none where it has another shape. */
export function errorCodesOf(response: RegistryResponse): readonly string[] {
  const body = parseLeniently(response.body)
  const errors: readonly unknown[] = isJsonObject(body) && Array.isArray(body['errors']) ? body['errors'] : []
  return errors.flatMap(error => {
    const code = isJsonObject(error) ? error['code'] : undefined
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
    throw invalidResponse('its answer is not UTF-8', error)
  }
}

/*
 * JSON.parse takes seconds for some MiB of brackets, and most of one for as many empty objects; meanwhile nothing else runs.
 * An index of manifests has six levels. Google's tag lists have seven values for each manifest, and 8 MiB hold 30,000 of those.
 */
const deepest = 64
const mostValues = 300_000

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c]
const depthOf = new Int8Array(256)
for (const code of [0x5b, 0x7b]) depthOf[code] = 1 // [ {
for (const code of [0x5d, 0x7d]) depthOf[code] = -1 // ] }

function checkShape(body: Uint8Array): void {
  let depth = 0
  let values = 0
  for (let at = 0; at < body.length; at++) {
    const code = body[at] ?? 0
    if (code === quote) at = textEnd(body, at + 1)
    else if (code === comma) values++
    else {
      const change = depthOf[code] ?? 0
      depth += change
      if (change > 0) values++
    }
    if (depth > deepest) throw invalidResponse(`its answer is nested more than ${deepest} levels deep`)
    if (values > mostValues) throw invalidResponse(`its answer has more than ${mostValues} values`)
  }
}

function textEnd(body: Uint8Array, start: number): number {
  let at = start
  for (let code = body[at]; code !== undefined && code !== quote; code = body[at])
    at += code === backslash ? 2 : 1
  return at
}

function parseLeniently(body: Buffer): unknown {
  try {
    checkShape(body)
    return JSON.parse(body.toString())
  } catch {
    return undefined // a proxy's HTML: the status says enough
  }
}
