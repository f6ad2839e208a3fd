import { execFile } from 'node:child_process'

import type { PullCredentials } from '../../evaluation/index.ts'
import { isJsonObject } from '../../json/index.ts'
import { shown } from '../response/fault.ts'

/** What a credential helper has; no credentials where it knows none, a problem where it cannot be asked. */
export interface HelperAnswer {
  readonly credentials?: PullCredentials
  readonly problem?: string
}

/** Runs `docker-credential-NAME get` for an address of a registry. */
export type AskHelper = (name: string, address: string) => Promise<HelperAnswer>

// A helper may ask a keychain or a cloud; one that waits for a person's password is given up.
const longest = 10_000
const mostBytes = 65_536

/**
 * A caller of the programs of docker-credential-helpers: the address on standard input, JSON with Username and Secret on standard
 * output, exit code 1 and a sentence where nothing is known.
 */
export function createHelperCaller(
  environment: Readonly<Record<string, string | undefined>>,
  timeout = longest,
): AskHelper {
  return (name, address) => {
    // It becomes a part of the name of a program.
    if (!/^[a-z0-9_-]+$/.test(name))
      return Promise.resolve({ problem: `${quoted(name)} is no name of a credential helper` })
    const program = `docker-credential-${name}`
    return new Promise(resolve => {
      const options = {
        env: { ...environment },
        timeout,
        maxBuffer: mostBytes,
        killSignal: 'SIGKILL',
      } as const
      const child = execFile(program, ['get'], options, (error, output) => {
        resolve(error === null ? readAnswer(program, output) : failed({ program, timeout, output }, error))
      })
      // A helper that ends without reading leaves a broken pipe, and has said why otherwise.
      child.stdin?.on('error', () => undefined)
      child.stdin?.end(address)
    })
  }
}

function readAnswer(program: string, output: string): HelperAnswer {
  const body = parse(output)
  const [username, secret] = isJsonObject(body) ? [body['Username'], body['Secret']] : []
  if (typeof username !== 'string' || typeof secret !== 'string')
    return { problem: `${program} answered something else than a name and a secret` }
  const origin = `the credential helper ${program}`
  // By this name docker says that the secret is an identity token.
  if (username === '<token>')
    return { credentials: { username: '', password: '', identityToken: secret, origin } }
  return username === '' ? {} : { credentials: { username, password: secret, origin } }
}

interface Run {
  readonly program: string
  readonly timeout: number
  readonly output: string
}

interface Failure {
  readonly code?: string | number | null | undefined
  readonly killed?: boolean | undefined
}

function failed({ program, timeout, output }: Run, { code, killed }: Failure): HelperAnswer {
  // Helpers say so on standard output: "credentials not found in native keychain".
  if (/credentials not found/i.test(output)) return {}
  if (code === 'ENOENT') return { problem: `${program} is not installed, or not in PATH` }
  if (killed === true) return { problem: `${program} did not answer within ${timeout / 1000} s` }
  // Not what it wrote: nobody knows what is in there.
  return { problem: `${program} failed with ${shown(String(code))}; run it by hand to see why` }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function quoted(text: string): string {
  return JSON.stringify(shown(text))
}
