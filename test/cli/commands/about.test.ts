import { execFileSync } from 'node:child_process'
import t from 'tap'
import { run } from '../run.ts'

t.test('the version', async t => {
  const facts = JSON.parse((await run(['version', '-o', 'json'])).out)
  t.match(facts, { version: /^\d+\.\d+\.\d+$/, node: process.versions.node, platform: /^linux\// })
  t.equal(
    (await run(['version'])).out,
    `patchline ${facts.version}, Node.js ${facts.node}, ${facts.platform}\n`,
  )
})

t.test('completion follows the definitions of the commands', async t => {
  const { out } = await run(['completion', 'bash'])
  const complete = (...words: readonly string[]): string =>
    execFileSync('bash', [
      '-c',
      `${out}\nCOMP_WORDS=(patchline ${words.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${words.length}; _patchline; echo "\${COMPREPLY[*]}"`,
    ])
      .toString()
      .trim()
  t.equal(complete('sc'), 'scan')
  t.equal(complete('catalog', ''), 'export import --help')
  t.equal(complete('scan', '--fa'), '--fail-on')
  t.equal(complete('catalog', 'export', '--im'), '--image')
  t.match((await run(['completion', 'zsh'])).out, /^#compdef patchline\n/)
  t.match(
    (await run(['completion', 'fish'])).out,
    "complete -c patchline -n '__fish_seen_subcommand_from scan' -l fail-on -d ",
  )
  t.equal((await run(['completion', 'csh'])).code, 1)
})

t.test('every help has an example', async t => {
  const { out } = await run(['completion', 'fish'])
  const names = new Set([...out.matchAll(/__fish_use_subcommand' -f -a (\S+)/g)].map(([, name = '']) => name))
  for (const name of names) t.match((await run([name, '--help'])).out, /\n {2}\$ patchline /, name)
})
