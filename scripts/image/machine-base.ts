import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * Writes a base of this machine's Node, in place of the distroless one that no machine without an engine has: Node where that
 * image has it, the libraries that it is linked with, its user and the authorities, and nothing else. It shows that the program
 * runs without a shell and without node_modules; it is not what a release is built on.
 */
export function writeMachineBase(root: string, node: string): void {
  copy(realpathSync(node), join(root, 'nodejs/bin/node'))
  for (const library of librariesOf(node)) copy(library, join(root, library))
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true })
    writeFileSync(join(root, file), text)
  }
  const authorities = '/etc/ssl/certs/ca-certificates.crt'
  if (existsSync(authorities)) copy(authorities, join(root, authorities))
}

const files = {
  'etc/passwd':
    'root:x:0:0:root:/root:/sbin/nologin\nnonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n',
  'etc/group': 'root:x:0:\nnonroot:x:65532:\n',
  'etc/nsswitch.conf': 'hosts: files dns\n',
}

function librariesOf(program: string): readonly string[] {
  const listed = execFileSync('ldd', [program], { encoding: 'utf8' })
  return [...listed.matchAll(/(\/\S+) \(0x/g)].flatMap(([, path]) => path ?? [])
}

function copy(from: string, to: string): void {
  mkdirSync(dirname(to), { recursive: true })
  copyFileSync(from, to)
}
