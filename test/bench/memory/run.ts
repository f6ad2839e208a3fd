// Holds the tags of 5,000 repositories with what they teach, as strings and as objects, each in a fresh process, and refreshes 100
// repositories a second: `npm run bench:memory`. About three minutes on an idle machine of two cores.
import { fork } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** What one process holds and for how long it refreshes. */
export interface Job {
  readonly kind: 'learned' | 'strings' | 'objects'
  readonly repositories: number
  readonly tags: number
  readonly seconds: number
}

/** Bytes and milliseconds. */
export interface Measured {
  /** Of memory in use, on and off the heap, for each tag. */
  readonly bytes: number
  /** What they say of themselves, for each tag. */
  readonly told: number | undefined
  readonly rss: number
  readonly heap: number
  /** Refreshes a second. */
  readonly rate: number
  readonly longestPause: number
  readonly delay: number
  readonly rssAfter: number
  readonly held: number
}

const million = 1_000_000
const jobs: readonly (readonly [string, Job])[] = [
  ['LearnedTags', { kind: 'learned', repositories: 5_000, tags: 2_000, seconds: 20 }],
  ['arrays of strings', { kind: 'strings', repositories: 5_000, tags: 2_000, seconds: 20 }],
  ['objects { tag, key, sha }', { kind: 'objects', repositories: 5_000, tags: 2_000, seconds: 20 }],
  ["LearnedTags, Flux's set", { kind: 'learned', repositories: 5_000, tags: 400, seconds: 0 }],
]

const root = fileURLToPath(new URL('../../..', import.meta.url))

// The children run JavaScript, as the image does: stripping types in them would take 30 MB of each.
async function compile(target: string): Promise<string> {
  const names = await readdir(join(root, 'src/version'), { recursive: true })
  const sources = names.filter(name => name.endsWith('.ts')).map(name => join('src/version', name))
  for (const name of [...sources, 'test/bench/memory/child.ts', 'test/bench/memory/tags.ts']) {
    const { outputText } = ts.transpileModule(await readFile(join(root, name), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2024,
        verbatimModuleSyntax: true,
        rewriteRelativeImportExtensions: true,
      },
    })
    const path = join(target, name.replace(/\.ts$/, '.js'))
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, outputText)
  }
  await writeFile(join(target, 'package.json'), '{"type":"module"}')
  return join(target, 'test/bench/memory/child.js')
}

async function run(path: string, job: Job): Promise<Measured> {
  const child = fork(path, [JSON.stringify(job)], {
    // A young generation of the size that Node had for years: the default of Node 24 grows to 64 MB before it is looked at.
    execArgv: ['--expose-gc', '--max-old-space-size=4096', '--max-semi-space-size=4'],
  })
  return new Promise((resolve, reject) => {
    child.once('message', (measured: Measured) => resolve(measured))
    child.once('exit', code => reject(new Error(`the process for ${job.kind} ended with ${code}`)))
  })
}

function line(cells: readonly string[]): void {
  const [name = '', ...numbers] = cells
  console.log(name.padEnd(28) + numbers.map(cell => cell.padStart(13)).join(''))
}

function goal(
  name: string,
  value: string,
  verdict: { readonly wanted: string; readonly met: boolean },
): void {
  console.log(
    `${name.padEnd(52)} ${value.padStart(14)}   ${verdict.wanted.padEnd(18)} ${verdict.met ? 'met' : 'NOT MET'}`,
  )
}

async function main(): Promise<void> {
  const cache = join(root, 'node_modules/.cache') // where the packages that the sources import are found
  await mkdir(cache, { recursive: true })
  const directory = await mkdtemp(join(cache, 'bench-memory-'))
  try {
    await measureAll(await compile(directory))
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function measureAll(path: string): Promise<void> {
  const all: Measured[] = []
  console.log(`node ${process.version}; 5,000 repositories of 2,000 tags; Flux's set: 5,000 of 400\n`)
  line(['', 'bytes a tag', 'RSS MB', 'heap MB', 'refreshes/s', 'GC pause ms', 'delay ms', 'RSS after'])
  for (const [name, job] of jobs) {
    const measured = await run(path, job)
    all.push(measured)
    const inMillions = [measured.rss, measured.heap].map(bytes => (bytes / million).toFixed(0))
    const moving = [measured.rate.toFixed(0), measured.longestPause.toFixed(1), measured.delay.toFixed(1)]
    const after = (measured.rssAfter / million).toFixed(0)
    line([name, measured.bytes.toFixed(1), ...inMillions, ...(job.seconds === 0 ? [] : [...moving, after])])
  }
  report(all)
}

function report([learned, strings, , flux]: readonly Measured[]): void {
  if (learned === undefined || strings === undefined || flux === undefined) return
  const rss = Math.max(learned.rss, learned.rssAfter) / million
  const ratio = strings.longestPause / learned.longestPause
  console.log()
  goal('bytes a tag, with what was learned', learned.bytes.toFixed(1), {
    wanted: 'at most 18',
    met: learned.bytes <= 18,
  })
  goal('  as they say themselves', (learned.told ?? Number.NaN).toFixed(1), {
    wanted: 'within a tenth',
    met: Math.abs((learned.told ?? Number.NaN) / learned.bytes - 1) <= 0.1,
  })
  goal('RSS, before and after the refreshes', `${rss.toFixed(0)} MB`, {
    wanted: 'at most 250 MB',
    met: rss <= 250,
  })
  goal('longest pause of the collector while refreshing', `${learned.longestPause.toFixed(1)} ms`, {
    wanted: 'at most 8 ms',
    met: learned.longestPause <= 8,
  })
  goal('delay of the event loop, p99.9', `${learned.delay.toFixed(1)} ms`, {
    wanted: 'at most 10 ms',
    met: learned.delay <= 10,
  })
  goal('longest pause, strings / learned', ratio.toFixed(1), { wanted: 'at least 4', met: ratio >= 4 })
  const fluxRss = flux.rss / million
  goal("RSS with Flux's set", `${fluxRss.toFixed(0)} MB`, { wanted: 'at most 150 MB', met: fluxRss <= 150 })
}

await main()
