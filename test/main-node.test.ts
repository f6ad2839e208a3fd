import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { version } from '../src/app/process/version.ts'

const main = join(import.meta.dirname, '../src/main.ts')

// As Node.js 20 does: it calls itself so, and undici 8 throws while it is imported.
const node20 = `
import { registerHooks } from 'node:module'
Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })
registerHooks({
  load(url, context, next) {
    if (url.includes('/node_modules/undici/')) throw new TypeError("reading 'bind'")
    return next(url, context)
  },
})
`

function run(args: readonly string[]): Promise<{ readonly code: number; readonly text: string }> {
  const hook = `data:text/javascript,${encodeURIComponent(node20)}`
  return new Promise(resolve => {
    execFile(execPath, ['--import', hook, main, ...args], (error, stdout, stderr) => {
      const code = error === null ? 0 : Number(error.code)
      resolve({ code, text: stdout + stderr })
    })
  })
}

const tooOld =
  'patchline: needs Node.js 22.19 or newer, and this is 20.20.2: install a newer one, or use npx patchline in a checkout after npm ci, which brings its own\n'

t.test('a Node.js that is too old is told by every command', async t => {
  for (const args of [
    'check nginx:1.25.1',
    'check nginx:1.25.1 --tags-from -',
    'serve -c none',
    'audit --once',
    'audit -c none',
    'notify --list',
    'notify --test x',
    'certs',
    'certs --patch',
    'uninstall',
    'grammar nginx',
  ])
    t.strictSame(await run(args.split(' ')), { code: 1, text: tooOld }, args)
})

t.test('and does for the version and for help', async t => {
  t.strictSame(await run(['--version']), { code: 0, text: `${version}\n` })
  for (const args of [['--help'], ['audit', '--help'], ['help', 'notify']])
    t.match(await run(args), { code: 0, text: 'Usage: patchline' })
})

t.test('npm ci is quiet on a Node.js that is too old for the packages', t => {
  const settings = readFileSync(join(import.meta.dirname, '../.npmrc'), 'utf8').split('\n')
  t.ok(settings.includes('loglevel=error'))
  t.end()
})
