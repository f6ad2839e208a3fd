import type { Dispatcher } from 'undici'
import { refusedBy } from '../../egress/index.ts'
import { ChannelError } from '../../notification/index.ts'
import type { Connections } from './connections.ts'
import { notReached } from './refusal.ts'

/** One POST to a secret URL: neither the URL nor the body is ever part of an error. */
export interface Post {
  /** The channel as a person knows it, for errors. */
  readonly channel: string
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The connections and the time limit of a POST. */
export interface PostOptions {
  readonly connections: Connections
  /** Milliseconds for all of it. */
  readonly timeout: number
}

/** A response, with no more than 64 KiB of its body. */
export interface PostAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

/**
 * Parses the URL of a channel.
 * @throws ChannelError of the kind `permanent` where it is none; unlike Node's own error, it does not hold the address.
 */
export function addressOf(channel: string, text: string): URL {
  const url = /^https?:\/\//.test(text) ? URL.parse(text) : null
  if (url !== null && url.username === '' && url.password === '') return url
  const what = 'its address is none like https://hooks.example.com/path, without a user name'
  throw new ChannelError('permanent', `${channel}: ${what}: check the secret that holds it`)
}

const answerBytes = 64 * 1024

/**
 * Sends a POST and follows no redirect.
 * @throws ChannelError where there was no answer; of the kind `permanent` only where the URL's own address is not allowed.
 */
export async function post(wanted: Post, options: PostOptions, signal: AbortSignal): Promise<PostAnswer> {
  const { channel, url, headers, body } = wanted
  const limit = AbortSignal.any([signal, AbortSignal.timeout(options.timeout)])
  try {
    const { agent, origin, path, kind, proxy, ...route } = options.connections.to(url)
    const response = await agent.request({
      origin,
      path,
      method: 'POST',
      headers: { 'user-agent': 'patchline', ...headers, ...route.headers },
      body,
      signal: limit,
    })
    response.body.on('error', () => undefined) // told where it is read; a late one must not end the process
    if (response.statusCode === 407 && kind === 'forward' && proxy !== undefined) {
      response.body.destroy()
      throw refusedBy(proxy, 407)
    }
    const retryAfter = response.headers['retry-after']
    return {
      status: response.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      text: await beginning(response.body),
    }
  } catch (error) {
    if (signal.aborted) throw new ChannelError('temporary', `${channel}: stopped`)
    if (limit.aborted)
      throw new ChannelError('temporary', `${channel}: no answer within ${options.timeout / 1000} s`)
    throw notReached(channel, error)
  }
}

async function beginning(body: Dispatcher.ResponseData['body']): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue
    size += chunk.length
    chunks.push(chunk)
    if (size > answerBytes) break // leaving the loop destroys the body
  }
  return Buffer.concat(chunks).toString('utf8', 0, answerBytes)
}

const second = 1_000
const longestWait = 3_600 * second

/** The instant (epoch milliseconds) of a `Retry-After` in seconds or as a date, at most an hour ahead; undefined where there is none. */
export function retryAt(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined
  const wait = /^\d{1,9}$/.test(header.trim()) ? Number(header) * second : Date.parse(header) - now
  return Number.isNaN(wait) ? undefined : now + Math.min(longestWait, Math.max(second, wait))
}
