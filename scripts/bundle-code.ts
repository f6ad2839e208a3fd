import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { build as bundle, type BuildOptions, type Message, type Metafile, type Plugin } from 'esbuild'

// Without it the whole client comes for the sake of one class. None of its files does anything as it is loaded, but for
// `polyfill.js`, which gives Node.js 18 what Node.js 20 has.
const sideEffectFree: Plugin = {
  name: 'side-effect-free',
  setup(build) {
    build.onResolve({ filter: /^\.\.?\/.*\.js$/ }, ({ path, importer, resolveDir }) =>
      importer.includes('/node_modules/@kubernetes/client-node/')
        ? { path: join(resolveDir, path), sideEffects: false }
        : undefined,
    )
  },
}

// What esbuild keeps to itself in packages: code that stays behind without a word, and fails when it is wanted.
const losses = [
  'ignored-bare-import',
  'ignored-dynamic-import',
  'import-is-undefined',
  'indirect-require',
  'require-resolve-not-external',
  'unsupported-dynamic-import',
  'unsupported-require-call',
] as const

/** Something that stays behind and is not missed. */
export interface Accepted {
  /** How the path of its file ends. */
  readonly file: string
  readonly because: string
}

/** Files whose warnings are accepted. */
export const acceptedLosses: readonly Accepted[] = [
  {
    file: 'src/registry/cloud/cloud-ecr.ts',
    because: 'a registry that needs the SDK has it put beside the bundle',
  },
  { file: 'node_modules/ws/lib/validation.js', because: 'the client needs it for logs, which is left out' },
  { file: 'node_modules/ws/lib/buffer-util.js', because: 'likewise' },
]

/** Packages that are asked for and do without; in a checkout they are there for development. */
export const acceptedAbsences: ReadonlyMap<string, string> = new Map([
  ['supports-color', 'debug colours a terminal with it'],
])

/** Files that ask where they are, although they are elsewhere in the bundle and their neighbours are gone. */
export const acceptedPlaces: readonly Accepted[] = [
  { file: 'node_modules/commander/lib/command.js', because: 'in a comment' },
  {
    file: 'node_modules/pino/lib/transport.js',
    because: 'for logs that worker threads write: ours does not',
  },
  { file: 'node_modules/thread-stream/index.js', because: 'likewise' },
  { file: 'node_modules/undici/index.js', because: 'for stack traces, and only where there is a name' },
]

const options = {
  entryPoints: ['src/main.ts'],
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  // What a command imports when it needs it stays in files of its own.
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  external: [...acceptedAbsences.keys()],
  // Names stay, for stack traces. Comments are licences and go to files of their own: with a letter that is not ASCII
  // V8 keeps two bytes for each letter of the code.
  minifyWhitespace: true,
  minifySyntax: true,
  // An uncaught error shows its line.
  lineLimit: 120,
  legalComments: 'linked',
  metafile: true,
  logLevel: 'silent',
  logOverride: Object.fromEntries(losses.map(id => [id, 'warning'] as const)),
  plugins: [sideEffectFree],
  // Packages in CommonJS ask for Node's own modules as they run.
  banner: {
    js: "import { createRequire as createBundleRequire } from 'node:module'\nconst require = createBundleRequire(import.meta.url)",
  },
} as const satisfies BuildOptions

/**
 * Writes `main.js` and its chunks into a directory: src/ with what it uses of node_modules.
 * @throws Error where something would be missing as it runs
 */
export async function bundleCode(root: string, directory: string): Promise<Metafile> {
  const { warnings, metafile } = await bundle({ ...options, absWorkingDir: root, outdir: directory })
  const problems = [...lost(warnings), ...external(metafile), ...placed(root, metafile)]
  if (problems.length > 0) throw new Error(`the bundle would not hold all it needs:\n${problems.join('\n')}`)
  return metafile
}

/** The warnings that are not accepted, as `file: text`. */
export function lost(warnings: readonly Pick<Message, 'location' | 'text'>[]): readonly string[] {
  return warnings
    .filter(({ location }) => !isAccepted(acceptedLosses, location?.file ?? ''))
    .map(({ location, text }) => `${location?.file ?? 'esbuild'}: ${text}`)
}

/** What the bundle would look for in a node_modules that is not there. */
export function external({ outputs }: Pick<Metafile, 'outputs'>): readonly string[] {
  const present = new Set([...builtinModules, ...acceptedAbsences.keys()])
  return Object.entries(outputs).flatMap(([file, { imports }]) =>
    imports
      .filter(
        ({ path, external: isExternal }) =>
          isExternal === true && !path.startsWith('node:') && !present.has(path),
      )
      .map(({ path }) => `${file}: ${path} is not in the bundle`),
  )
}

function placed(root: string, metafile: Metafile): readonly string[] {
  return filesIn(metafile)
    .filter(file =>
      /\b__dirname\b|\b__filename\b|\bimport\.meta\b/.test(readFileSync(join(root, file), 'utf8')),
    )
    .filter(file => !isAccepted(acceptedPlaces, file))
    .map(file => `${file}: it asks where it is`)
}

function isAccepted(accepted: readonly Accepted[], file: string): boolean {
  return accepted.some(each => file.endsWith(each.file))
}

/** The source files that have code in a bundle. */
export function filesIn({ outputs }: Pick<Metafile, 'outputs'>): readonly string[] {
  const inputs = Object.values(outputs).flatMap(output => Object.entries(output.inputs))
  return [...new Set(inputs.flatMap(([file, { bytesInOutput }]) => (bytesInOutput > 0 ? [file] : [])))]
}
