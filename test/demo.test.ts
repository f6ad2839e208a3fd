import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { execPath } from 'node:process'
import t from 'tap'
import { scenesOf, terminalPicture } from '../scripts/terminal-picture.ts'

const demo = join(import.meta.dirname, '../scripts/demo.ts')

interface Run {
  readonly code: number
  readonly out: string
  readonly err: string
}

function run(args: readonly string[]): Promise<Run> {
  const { PATH } = process.env
  return new Promise(resolve => {
    execFile(execPath, [demo, ...args], { env: { PATH, NO_COLOR: '1' } }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

t.test('what cannot be meant is said without a stack of calls', async t => {
  t.match(await run(['--help']), { code: 0, out: /^Usage: npm run demo/, err: '' })
  for (const [args, message] of [
    ['--foo', /^demo: Unknown option '--foo'\n\nUsage: npm run demo/],
    ['--advertise', /^demo: Option '--advertise <value>' argument missing\n\nUsage/],
    ['--cluster', /^demo: --cluster needs KUBECONFIG to name a kubeconfig file\n$/],
  ] as const) {
    const outcome = await run([args])
    t.match(outcome, { code: 1, out: '', err: message })
    t.notMatch(outcome.err, /\n {4}at /)
  }
})

t.test('it shows admission, the audit and a message, and ends with what to do next', async t => {
  const { code, out, err } = await run([])
  t.equal(code, 0, err)
  t.match(out, 'There is no cluster, and no kubectl is run')
  t.match(out, /Warning: .*nginx:1\.25\.1/)
  t.match(out, '$ patchline audit --once\nVERDICT   IMAGE')
  t.match(out, '9 containers: 4 outdated, 1 unknown, 2 floating, 2 current\n')
  t.match(out, /\n {2}\| patchline \(demo\): .*4 of 9/)
  t.match(out, /requests to the registry, [\d.]+ s\.\n\nNext:\n {2}npx patchline check nginx:1\.25\.1/)
  const picture = readFileSync(join(import.meta.dirname, '../docs/demo.svg'), 'utf8')
  t.equal(picture, terminalPicture(scenesOf(out, '# There too')), 'the picture is of now: npm run picture')
  const longest = out.slice(out.indexOf('VERDICT'), out.indexOf('patchline: ')).split('\n')
  for (const line of longest) t.ok(line.length <= 80, line)
})
