import * as fc from 'fast-check'
import t from 'tap'
import { projectLink, sourceUrl } from '../../src/image/index.ts'

const github = 'https://github.com/acme/web'

t.test('the source of an image is an https address of a public host', async t => {
  const rows: readonly (readonly [text: unknown, url: string | undefined])[] = [
    [github, github],
    [`${github}.git`, github],
    [`${github}/`, github],
    [`${github}.git/`, github],
    [`${github}/.git`, github],
    [`${github}.git.git`, github],
    [`${github}.git/.git//`, github],
    ['https://github.com/acme/...git', undefined],
    ['https://github.com/acme/%2e%2E.git', undefined],
    [`${github}.github`, `${github}.github`],
    [`${github}?tab=readme`, github],
    // As Docker Official Images write it.
    [
      'https://github.com/nginx/docker-nginx.git#a1b2c3:mainline/debian',
      'https://github.com/nginx/docker-nginx',
    ],
    ['https://GitHub.com/Acme/Web', 'https://github.com/Acme/Web'],
    ['HTTPS://github.com/acme/web', github],
    ['https://github.com:443/acme/web', github],
    ['https://git.acme.test:8443/web', 'https://git.acme.test:8443/web'],
    ['https://git.sr.ht/~acme/web', 'https://git.sr.ht/~acme/web'],
    ['https://dev.azure.com/acme/My%20Shop/_git/web', 'https://dev.azure.com/acme/My%20Shop/_git/web'],
    ['https://nginx.org', 'https://nginx.org'],
    ['https://nginx.org/', 'https://nginx.org'],
    ['https://github.com/acme/../other/web', 'https://github.com/other/web'],
    [`https://a.test/${'x'.repeat(285)}`, `https://a.test/${'x'.repeat(285)}`],
    [`https://a.test/${'x'.repeat(286)}`, undefined],
    [undefined, undefined],
    [7, undefined],
    [[github], undefined],
    ['', undefined],
    ['github.com/acme/web', undefined],
    ['//github.com/acme/web', undefined],
    ['http://github.com/acme/web', undefined],
    ['git@github.com:acme/web.git', undefined],
    ['ssh://git@github.com/acme/web', undefined],
    ['git+https://github.com/acme/web', undefined],
    ['javascript:alert(1)', undefined],
    ['file:///etc/passwd', undefined],
    ['https:github.com/acme/web', undefined],
    ['https:///github.com/acme/web', undefined],
    ['https:\\\\github.com\\acme\\web', undefined],
    ['https://user@github.com/acme/web', undefined],
    ['https://user:secret@github.com/acme/web', undefined],
    ['https://1:2@github.com/acme/web', undefined],
    ['https://github.com%2f@evil.test/acme/web', undefined],
    ['https://localhost/acme/web', undefined],
    ['https://git/acme/web', undefined],
    ['https://127.0.0.1/acme/web', undefined],
    ['https://127.1/acme/web', undefined],
    ['https://0x7f.0.0.1/acme/web', undefined],
    ['https://169.254.169.254/latest', undefined],
    ['https://[::1]/acme/web', undefined],
    ['https://.github.com/acme', undefined],
    ['https://github.com./acme', undefined],
    ['https://github..com/acme', undefined],
    ['https://-.com/acme', undefined],
    ['https://github.com:99999/acme', undefined],
    ['https://github.com:/acme', 'https://github.com/acme'],
    [` ${github}`, undefined],
    [`${github}\n`, undefined],
    [`${github}\r\nBcc: all@evil.test`, undefined],
    ['https://github.com/acme/we b', undefined],
    ['https://github.com/acme/we\tb', undefined],
    ['https://github.com/acme/web|x', undefined],
    ['https://github.com/acme/web>', undefined],
    ['https://github.com/acme/web"><b>', undefined],
    ["https://github.com/acme/web'", undefined],
    ['https://github.com/acme/`web`', undefined],
    ['https://github.com/acme/web\\', undefined],
    ['https://github.com/acme/%zz', undefined],
    ['https://github.com/acme/wéb', undefined],
    ['https://gіthub.com/acme/web', undefined],
    ['https://github.com/acme/\u202Ebew', undefined],
    [`${github}#\u0000`, undefined],
  ]
  for (const [text, url] of rows) t.equal(sourceUrl(text), url, JSON.stringify(text))
})

t.test('the releases of a forge that has a page of them, or else the source', async t => {
  const rows: readonly (readonly [source: string, label: string, url: string])[] = [
    [github, 'release notes', `${github}/releases`],
    [`${github}.git#main`, 'release notes', `${github}/releases`],
    // The releases of a repository of many images are not those of one of them.
    [`${github}/tree/main/images/web`, 'source', `${github}/tree/main/images/web`],
    ['https://github.com/acme', 'source', 'https://github.com/acme'],
    ['https://github.com//acme', 'source', 'https://github.com//acme'],
    ['https://github.com.evil.test/acme/web', 'source', 'https://github.com.evil.test/acme/web'],
    ['https://github.com:8443/acme/web', 'source', 'https://github.com:8443/acme/web'],
    ['https://www.github.com/acme/web', 'source', 'https://www.github.com/acme/web'],
    ['https://gitlab.com/acme/web', 'release notes', 'https://gitlab.com/acme/web/-/releases'],
    ['https://gitlab.com/acme/shop/web', 'release notes', 'https://gitlab.com/acme/shop/web/-/releases'],
    ['https://gitlab.com/acme/web/-/tree/main/x', 'release notes', 'https://gitlab.com/acme/web/-/releases'],
    ['https://gitlab.com/acme/web/-', 'release notes', 'https://gitlab.com/acme/web/-/releases'],
    ['https://gitlab.com/acme', 'source', 'https://gitlab.com/acme'],
    ['https://gitlab.acme.test/acme/web', 'release notes', 'https://gitlab.acme.test/acme/web/-/releases'],
    [
      'https://git.acme.test/shop/web/-/blob/main/Dockerfile',
      'release notes',
      'https://git.acme.test/shop/web/-/releases',
    ],
    ['https://git.acme.test/-/web', 'source', 'https://git.acme.test/-/web'],
    ['https://git.acme.test/shop/web', 'source', 'https://git.acme.test/shop/web'],
    ['https://codeberg.org/acme/web', 'release notes', 'https://codeberg.org/acme/web/releases'],
    ['https://gitea.com/acme/web', 'release notes', 'https://gitea.com/acme/web/releases'],
    ['https://gitea.acme.test/acme/web', 'release notes', 'https://gitea.acme.test/acme/web/releases'],
    [
      'https://forgejo.acme.test:3000/acme/web',
      'release notes',
      'https://forgejo.acme.test:3000/acme/web/releases',
    ],
    [
      'https://codeberg.org/acme/web/src/branch/main',
      'source',
      'https://codeberg.org/acme/web/src/branch/main',
    ],
    ['https://nginx.org', 'source', 'https://nginx.org'],
  ]
  for (const [source, label, url] of rows) t.same(projectLink(source), { label, url }, source)
  for (const source of ['', 'git@github.com:acme/web.git', 'https://a.test/<b>'])
    t.equal(projectLink(source), undefined, source)
})

t.test('whatever the text is, an address has nothing that ends a link, and is its own address', t => {
  const parts = fc.array(
    fc.oneof(
      fc.constantFrom(
        'https://',
        'github.com',
        '/',
        '/acme',
        '/-/',
        '.git',
        '..',
        '#',
        '?',
        '@',
        ':',
        '%2e',
        '|',
        '\\',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
  )
  fc.assert(
    fc.property(parts, pieces => {
      const url = sourceUrl(['https://a.test', ...pieces].join(''))
      if (url === undefined) return true
      const link = projectLink(url)
      return (
        sourceUrl(url) === url &&
        /^https:\/\/[\w.~%+@:/-]+$/.test(link?.url ?? '') &&
        new URL(url).username === ''
      )
    }),
    { numRuns: 2_000 },
  )
  t.end()
})
