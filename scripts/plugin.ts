/**
 * Writes the plugin for kubectl, `npm run plugin -- OUT`: OUT/patchline-plugin.tar.gz, the bundle, and OUT/patchline.yaml, the
 * manifest with which krew installs it as `kubectl patchline`. A release puts the archive beside its tag.
 */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execPath } from 'node:process'
import { gzipSync } from 'node:zlib'
import { stringify } from 'yaml'
import { sha256, tarOf } from './archive.ts'
import { fieldsOf } from './lockfile.ts'

const root = join(import.meta.dirname, '..')
const [named = 'plugin'] = process.argv.slice(2)
const out = resolve(named)
const { version, engines } = fieldsOf(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))
const node = String(fieldsOf(engines)['node']).replace('>=', '')
const place = mkdtempSync(join(tmpdir(), 'patchline-plugin-'))
try {
  execFileSync(execPath, [join(root, 'scripts/bundle.ts'), place])
  // krew makes a symbolic link to it, and it runs by its first line.
  chmodSync(join(place, 'main.js'), 0o755)
  const archive = gzipSync(tarOf(place), { level: 9 })
  mkdirSync(out, { recursive: true })
  writeFileSync(join(out, 'patchline-plugin.tar.gz'), archive)
  writeFileSync(join(out, 'patchline.yaml'), stringify(manifestOf(sha256(archive)), { lineWidth: 110 }))
} finally {
  rmSync(place, { recursive: true, force: true })
}

function manifestOf(hash: string): object {
  const home = 'https://github.com/patchline/patchline'
  const platform = (os: string): object => ({
    selector: { matchLabels: { os } },
    uri: `${home}/releases/download/v${String(version)}/patchline-plugin.tar.gz`,
    sha256: hash,
    bin: 'main.js',
  })
  return {
    apiVersion: 'krew.googlecontainertools.github.com/v1alpha2',
    kind: 'Plugin',
    metadata: { name: 'patchline' },
    spec: {
      version: `v${String(version)}`,
      homepage: home,
      shortDescription: 'Find images with a newer patch of their line',
      description:
        'Tells which images that run in a cluster have a newer patch of the x.y line that they use, explains\n' +
        'which policy decides about a workload, and judges single images. It changes nothing by itself.\n',
      caveats: `Needs Node.js ${node} or newer on PATH.\nBegin with: kubectl patchline audit --once\n`,
      // Windows would need an .exe: there, use npx.
      platforms: ['linux', 'darwin'].map(platform),
    },
  }
}
