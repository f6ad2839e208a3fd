import {
  page,
  pick,
  reply,
  type HostileAnswer,
  type HostileKind,
  type HostileRequest,
} from './hostile-reply.ts'

const here = (path: string): string => path.split('?', 1)[0] ?? path

function location(status: number, target: string): HostileAnswer {
  return reply(status, '', `location: ${target}\r\n`)
}

function lastOf({ path }: HostileRequest): number {
  return Number(/last=(\d+)/.exec(path)?.[1] ?? 0)
}

/** Addresses in several spellings where nothing may connect. */
function elsewhere({ seed, forbidden }: HostileRequest): string {
  const [trap = '127.0.0.1:1'] = forbidden
  return pick(seed, [
    `https://${trap}`,
    `http://${trap}`,
    `//${trap}`,
    `https://localhost:${trap.split(':')[1] ?? ''}`,
    `https://user:password@${trap}`,
    'http://169.254.169.254',
    'https://[::ffff:169.254.169.254]',
    'https://2130706433',
    'file:///etc/passwd',
    'https://registry.example@127.0.0.1',
    'gopher://127.0.0.1:6379',
  ])
}

function challenge(text: string): HostileAnswer {
  return reply(401, '{"errors":[{"code":"UNAUTHORIZED"}]}', `www-authenticate: ${text}\r\n`)
}

const redirects: readonly HostileKind[] = [
  {
    name: 'redirect-loop',
    weight: 40,
    answer: ({ seed, path }) => location(pick(seed, [301, 302, 303, 307, 308]), path),
  },
  {
    name: 'redirect-chain',
    weight: 20,
    answer: ({ path }) => location(307, `${here(path)}?n=1&last=${Math.random()}`),
  },
  {
    name: 'redirect-elsewhere',
    weight: 60,
    answer: request => location(307, `${elsewhere(request)}/v2/x/tags/list`),
  },
  {
    name: 'redirect-nowhere',
    weight: 20,
    answer: ({ seed }) => location(307, pick(seed, ['', 'http://', 'https://[', '\\\\x', '%', ':::'])),
  },
]

const links: readonly HostileKind[] = [
  {
    name: 'page-loop',
    weight: 20,
    answer: request => page(['a'], `link: <?last=${(lastOf(request) % 2) + 1}>; rel="next"\r\n`),
  },
  {
    name: 'pages-without-end',
    weight: 1,
    answer: request => page(['a'], `link: <?last=${lastOf(request) + 1}>; rel="next"\r\n`),
  },
  {
    name: 'link-elsewhere',
    weight: 50,
    answer: request => page(['a'], `link: <${elsewhere(request)}/v2/x/tags/list?last=a>; rel="next"\r\n`),
  },
  {
    name: 'link-to-another-repository',
    weight: 20,
    answer: () => page(['a'], 'link: </v2/other/private/tags/list?last=a>; rel="next"\r\n'),
  },
  {
    name: 'bad-link',
    weight: 30,
    answer: ({ seed }) =>
      page(
        ['a'],
        `link: ${pick(seed, ['<', 'x', '<a>', '<a>; rel=', '<'.repeat(9000), '<a>;'.repeat(999)])}\r\n`,
      ),
  },
  {
    name: 'error-on-the-second-page',
    weight: 30,
    answer: request =>
      lastOf(request) > 0
        ? reply(pick(request.seed, [400, 403, 404, 410, 418]), 'x')
        : page(['a', 'b'], `link: <?last=7>; rel="next"\r\n`),
  },
]

const challenges: readonly HostileKind[] = [
  {
    name: 'realm-elsewhere',
    weight: 50,
    answer: request => challenge(`Bearer realm="${elsewhere(request)}/token",service="x",scope="x"`),
  },
  {
    name: 'bad-challenge',
    weight: 30,
    answer: ({ seed }) =>
      challenge(
        pick(seed, [
          '',
          'Bearer',
          'Negotiate x',
          'Bearer realm="',
          '"'.repeat(9000),
          'a='.repeat(4000),
          'Basic,'.repeat(999),
        ]),
      ),
  },
  {
    name: 'token-of-no-use',
    weight: 40,
    answer: ({ path, seed, host }) =>
      path.includes('/token') ? token(seed) : challenge(`Bearer realm="http://${host}/token",service="x"`),
  },
  { name: 'password-of-no-use', weight: 20, answer: () => challenge('Basic realm="x"') },
]

function token(seed: number): HostileAnswer {
  return pick(seed, [
    reply(200, '{}'),
    reply(200, '{"token":"a\\r\\nx: y"}'),
    reply(200, `{"token":"${'x'.repeat(70_000)}"}`),
    reply(200, '[[[['),
    location(307, 'http://169.254.169.254/'),
    reply(500, ''),
  ])
}

const statuses: readonly HostileKind[] = [
  {
    name: 'told-to-wait',
    weight: 6,
    answer: ({ seed }) =>
      reply(
        pick(seed, [429, 503]),
        '',
        pick(seed + 1, ['', '0', '1000000000', '-1', 'soon', 'Wed, 21 Oct 2195 07:28:00 GMT']).replace(
          /.+/,
          'retry-after: $&\r\n',
        ),
      ),
  },
  {
    name: 'server-error',
    weight: 20,
    answer: ({ seed }) => reply(pick(seed, [500, 501, 502, 504]), '<html>'),
  },
  {
    name: 'other-status',
    weight: 50,
    answer: ({ seed }) =>
      reply(pick(seed, [201, 204, 206, 300, 304, 305, 400, 402, 403, 404, 410, 451, 599]), ''),
  },
]

/** What leads somewhere else, goes round or asks for something. */
export const pagingKinds: readonly HostileKind[] = [...redirects, ...links, ...challenges, ...statuses]
