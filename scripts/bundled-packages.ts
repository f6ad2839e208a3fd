import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fieldsOf, type LockedPackage } from './lockfile.ts'

/**
 * The packages that source files belong to, by name.
 * @throws Error where the lock file does not have one, or has it for development alone
 */
export function packagesOf(
  files: readonly string[],
  locked: readonly LockedPackage[],
): readonly LockedPackage[] {
  const byPath = new Map(locked.map(entry => [entry.path, entry]))
  const paths = new Set(
    files.flatMap(file => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(file) ?? []),
  )
  const packages = [...paths].map(path => {
    const entry = byPath.get(path)
    if (entry === undefined) throw new Error(`${path} is in the bundle and not in package-lock.json`)
    if (!entry.isRuntime) throw new Error(`${path} is in the bundle, and a development dependency`)
    return entry
  })
  return packages.toSorted((one, other) => compare(one.name, other.name) || compare(one.path, other.path))
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}

/**
 * The licences of packages as they are to be passed on, each with the full text.
 * @throws Error where a package has none
 */
export function licensesOf(root: string, packages: readonly LockedPackage[]): string {
  return packages
    .map(entry => `${heading(entry)}\n\n${licenseTexts(root, entry).join('\n\n')}\n`)
    .join(`\n${'-'.repeat(80)}\n\n`)
}

function heading({ name, version, license }: LockedPackage): string {
  return `${name} ${version} (${license})`
}

function licenseTexts(root: string, { path, name, license }: LockedPackage): readonly string[] {
  const directory = join(root, path)
  const files = readdirSync(directory).filter(file => licenseFile.test(file))
  if (files.length > 0)
    return files.toSorted().map(file => readFileSync(join(directory, file), 'utf8').trim())
  const { author } = fieldsOf(JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')))
  if (license === 'MIT' && typeof author === 'string') return [mit(author)]
  throw new Error(`${name} is in the bundle and has no file with the text of its licence`)
}

// LICENSE, license.md, LICENSE-MIT; no code that has this name.
const licenseFile = /^(?:licen[cs]e|copying|notice)(?:[.-](?![cm]?[jt]s$)\w+)*$/i

// https://spdx.org/licenses/MIT.html, for a package that names the licence and has no text of it.
function mit(author: string): string {
  return `MIT License

Copyright (c) ${author}

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit
persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the
Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE
WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR
COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR
OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`
}
