import { randomBytes } from 'node:crypto'
import { CertificateError } from '../x509/certificate-error.ts'
import { readBounded, watchFiles, type FilesWatch, type WatchedFiles } from './watch-files.ts'

/** The file of the secret paths of the webhook, and what is called when it changes. */
export interface WebhookPathsWatch extends Pick<
  FilesWatch<readonly string[]>,
  'onChange' | 'onProblem' | 'intervalMilliseconds'
> {
  readonly file: string
}

/**
 * Watches the paths that a file holds, one a line.
 * @throws CertificateError where the file holds none to begin with.
 */
export function watchWebhookPaths(watch: WebhookPathsWatch): Promise<WatchedFiles<readonly string[]>> {
  const { file } = watch
  return watchFiles({
    ...watch,
    read: async () => parseWebhookPaths(await readBounded(file), file),
    isSame: (one, other) => one.join('\n') === other.join('\n'),
  })
}

// The API server takes no other characters in the path of a service: each part is to be an RFC 1123 subdomain. 32 digits of hex are
// 128 bits, which cannot be guessed.
const form = /^[a-z0-9][-a-z0-9]{30,126}[a-z0-9]$/
// Each is compared with the path of each review.
const mostPaths = 8

/** Whether a text can be a secret path of the webhook. */
export function isWebhookPath(text: string): boolean {
  return form.test(text)
}

/**
 * The paths of a text, one a line: the first is the one that the webhook configurations have.
 * @throws CertificateError that says which line is none, and not what it holds.
 */
export function parseWebhookPaths(text: string, what: string): readonly string[] {
  const lines = text.split(/\r?\n/).map(line => line.trim())
  const wrong = lines.findIndex(line => line !== '' && !form.test(line))
  if (wrong >= 0) {
    const why = `line ${wrong + 1} is not a path (32 to 128 lower case letters, digits or -)`
    throw new CertificateError('invalid-path', `${what}: ${why}`)
  }
  const paths = lines.filter(line => line !== '')
  if (paths.length === 0) throw new CertificateError('invalid-path', `${what}: holds no path`)
  if (paths.length > mostPaths)
    throw new CertificateError('invalid-path', `${what}: more than ${mostPaths} paths`)
  return paths
}

/**
 * The paths after a run of `patchline certs --patch`. The second is a spare that becomes the first with the next renewal:
 * replicas read a changed Secret up to two minutes after it is written, and by then they have known it for long. The one that it
 * replaces goes with the renewal after.
 */
export function nextWebhookPaths(current: readonly string[], renew: boolean): readonly string[] {
  const [first, spare] = current
  if (first === undefined) return [newPath(), newPath()]
  return renew ? [spare ?? newPath(), newPath(), first] : current
}

const newPath = (): string => randomBytes(32).toString('hex')
