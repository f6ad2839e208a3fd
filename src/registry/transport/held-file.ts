import { readFileSync, statSync } from 'node:fs'

// The kubelet and people change these files seldom; after a change one waits this long at most.
const checkAfter = 5_000
// Lists against advertising, put into /etc/hosts, reach a few MB; more than this is no such file.
const mostBytes = 16 * 1024 * 1024

/** What a small local file says, parsed again after it changed; what is not there or cannot be read says nothing. */
export interface HeldFile<T> {
  get(): T
}

/**
 * A file that is looked at again after some seconds. It is read at once and not on the thread pool, where it would wait behind
 * whatever is stuck there; `now` gives epoch milliseconds.
 */
export function createHeldFile<T>(path: string, parse: (text: string) => T, now: () => number): HeldFile<T> {
  let held: { readonly value: T; readonly stamp: string } | undefined
  let checkAt = 0
  return {
    get() {
      if (held !== undefined && now() < checkAt) return held.value
      checkAt = now() + checkAfter
      const stamp = stampOf(path)
      if (held?.stamp !== stamp) held = { value: parse(stamp === '' ? '' : read(path)), stamp }
      return held.value
    },
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined || !found.isFile() || found.size > mostBytes) return ''
  return `${found.ino} ${found.mtimeMs} ${found.size}`
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return '' // gone or not readable: then DNS alone decides, as in the C library
  }
}
