import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'

const mostTar = 512 * 1024 * 1024

/** A tar of what a folder holds, the same for the same content: sorted, all of root and of 1970. */
export function tarOf(directory: string): Buffer {
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu']
  const mode = '--mode=u=rwX,go=rX'
  return execFileSync('tar', [...same, mode, '-C', directory, '-cf', '-', '.'], { maxBuffer: mostTar })
}

/** The SHA-256 of some bytes, in hex. */
export function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}
