import parseExpression from 'spdx-expression-parse'
import type { LockedPackage } from './lockfile.ts'

/** The file with the names of all packages that run, one a line; a name stands there as often as it is installed. */
export const listFile = 'scripts/runtime-packages.txt'

// Each lets the image be passed on under Apache-2.0 with no more than the licence's text beside it.
const allowedLicenses: ReadonlySet<string> = new Set([
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'MIT-0',
  'PSF-2.0',
  'Unlicense',
])

const registry = 'https://registry.npmjs.org/'

/** What the packages are measured by. */
export interface PackageRules {
  /**
   * Packages for development whose install script was read, `allowScripts` of package.json: it may run (`node`, which fetches
   * the binary), or it must not. esbuild's only saves its command a process of Node: the binary comes as a package.
   */
  readonly knownScripts: readonly string[]
  /** The lines of the list of packages that run. */
  readonly listed: readonly string[]
}

/** What is wrong with the packages of a lock file: which one, why, and what to do. */
export function problemsOf(packages: readonly LockedPackage[], rules: PackageRules): readonly string[] {
  const runtime = packages.filter(({ isRuntime }) => isRuntime)
  return [
    ...runtime.flatMap(entry => explained(entry, licenseProblem(entry.license))),
    ...budgetProblems(runtime, rules.listed),
    ...packages.flatMap(entry => explained(entry, originProblem(entry))),
    ...packages.flatMap(entry => explained(entry, scriptProblem(entry, rules.knownScripts))),
  ]
}

function explained({ name, version, path }: LockedPackage, problem: string | undefined): readonly string[] {
  return problem === undefined ? [] : [`${name}@${version} (${path}): ${problem}`]
}

function licenseProblem(license: string | undefined): string | undefined {
  if (license === undefined)
    return 'the lock file names no licence; read it in the package, and replace the package if it has none'
  const expression = parsed(license)
  if (expression === undefined)
    return `the licence ${JSON.stringify(license)} is no SPDX expression; read it in the package, or replace the package`
  if (isAllowed(expression)) return undefined
  return `the licence ${license} is not allowed for what ships (${[...allowedLicenses].join(', ')}); replace the package, or allow the licence in scripts/package-rules.ts`
}

function parsed(license: string): parseExpression.Info | undefined {
  try {
    return parseExpression(license)
  } catch {
    return undefined // it throws for nothing but what it cannot parse
  }
}

// A licence with an exception, or one "or later", is another licence: it has to be read.
function isAllowed(expression: parseExpression.Info): boolean {
  if ('license' in expression)
    return allowedLicenses.has(expression.license) && !('plus' in expression) && !('exception' in expression)
  const { conjunction, left, right } = expression
  return conjunction === 'or' ? isAllowed(left) || isAllowed(right) : isAllowed(left) && isAllowed(right)
}

// The list is the budget: another name of the same number is as much a change as one package more.
function budgetProblems(runtime: readonly LockedPackage[], listed: readonly string[]): readonly string[] {
  const unused = new Map<string, number>()
  for (const name of listed) unused.set(name, (unused.get(name) ?? 0) + 1)
  const added = runtime.filter(({ name }) => {
    const left = unused.get(name) ?? 0
    unused.set(name, left - 1)
    return left <= 0
  })
  const sizes = `${runtime.length} packages run, ${listed.length} are in ${listFile}`
  return [
    ...added.flatMap(entry =>
      explained(
        entry,
        `added: ${sizes}; \`npm explain ${entry.name}\` says what brings it; if it earns its place, add a line with its name`,
      ),
    ),
    ...[...unused]
      .filter(([, left]) => left > 0)
      .map(
        ([name, left]) =>
          `${name}: gone: ${sizes}; remove ${left === 1 ? 'its line' : `${left} of its lines`}`,
      ),
  ]
}

function originProblem({ name, resolved, integrity }: LockedPackage): string | undefined {
  const home = `${registry}${name}/-/`
  if (resolved !== undefined && !resolved.startsWith(home))
    return `it comes from ${resolved} and not from ${home}; install the registry's own, or replace it`
  // With an address npm ci asks for the archive alone, without an address for the package's dates first (seen with npm 11.19).
  if (resolved !== undefined)
    return `with "resolved" its age is not looked at; remove that line from package-lock.json (omit-lockfile-registry-resolved in .npmrc leaves it out)`
  if (integrity === undefined || !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity))
    return `its integrity is ${integrity ?? 'missing'} and not one sha512; remove its entry from package-lock.json and run npm install`
  return undefined
}

function scriptProblem(
  { name, hasInstallScript, isRuntime }: LockedPackage,
  knownScripts: readonly string[],
): string | undefined {
  if (!hasInstallScript) return undefined
  if (isRuntime)
    return 'it runs a script as it is installed, and the image is built without: it may not work there; replace it'
  if (knownScripts.includes(name)) return undefined
  return 'it runs a script as it is installed; replace it, or read the script and say in allowScripts of package.json whether it may'
}
