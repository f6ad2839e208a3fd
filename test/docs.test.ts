import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import t from 'tap'

const root = join(import.meta.dirname, '..')
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/*.md', { cwd: root })]
const sources = globSync('{src,test,scripts}/**/*', { cwd: root })
const names = new Set(sources.map(file => basename(file)))

t.test('every link between pages leads to a file, and to a heading of it', async t => {
  for (const page of pages)
    for (const [, target = ''] of textOf(page).matchAll(/\]\((?!https?:)([^)\s]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const file = path === '' ? page : join(dirname(page), path)
      t.ok(existsSync(join(root, file)), `${page}: ${target}`)
      if (anchor !== undefined && existsSync(join(root, file)))
        t.ok(anchorsOf(file).includes(anchor), `${page}: ${target}`)
    }
})

t.test('every file of the code that a page names is there', async t => {
  for (const page of pages)
    for (const [, path = ''] of textOf(page).matchAll(
      /`((?:(?:src|test|scripts)\/)?(?:[\w-]+\/)*[\w.-]+\.ts|(?:[\w-]+\/)+|scripts\/[\w-]+\.sh)`/g,
    )) {
      if (path.startsWith('/') || /^(?:dist|bundle|manifests|docs)\//.test(path)) continue
      const isThere = path.includes('/')
        ? existsSync(join(root, path)) || existsSync(join(root, 'src', path))
        : names.has(path)
      t.ok(isThere, `${page}: ${path}`)
    }
})

t.test('every npm script that a page names is there', async t => {
  const scripts = Object.keys(JSON.parse(textOf('package.json')).scripts)
  for (const page of pages)
    for (const [, script = ''] of textOf(page).matchAll(/`?npm run (?:-s )?([a-z][\w:-]*)/g))
      t.ok(scripts.includes(script), `${page}: npm run ${script}`)
})

function textOf(file: string): string {
  return readFileSync(join(root, file), 'utf8')
}

// As GitHub makes them of headings.
function anchorsOf(file: string): readonly string[] {
  return [...textOf(file).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
