import t from 'tap'

import { publicRegistries } from '../../src/registry/public-registries.ts'
import { readRegistries } from '../../src/registry/registry.ts'
import type { RegistrySettings } from '../../src/registry/settings.ts'

t.test('what is built in is filled in', t => {
  const rows: readonly (readonly [RegistrySettings, object])[] = [
    [
      { host: 'docker.io' },
      {
        host: 'docker.io',
        origin: 'https://registry-1.docker.io',
        tokenHost: 'auth.docker.io',
        publicAddressesOnly: false,
      },
    ],
    [{ host: 'index.docker.io' }, { host: 'docker.io', origin: 'https://registry-1.docker.io' }],
    [
      { host: 'docker.io', endpoint: 'https://mirror.corp' },
      { host: 'docker.io', origin: 'https://mirror.corp', tokenHost: undefined },
    ],
    [{ host: 'R.Example:443' }, { host: 'r.example', origin: 'https://r.example', insecure: false }],
    [
      { host: 'r.example:5000', insecure: true },
      { host: 'r.example:5000', origin: 'http://r.example:5000', insecure: true },
    ],
    [
      { host: 'localhost', insecure: true },
      { host: 'localhost', origin: 'http://localhost' },
    ],
    [{ host: '[::1]:5000' }, { host: '[::1]:5000', origin: 'https://[::1]:5000' }],
    [{ host: 'lscr.io' }, { host: 'lscr.io', origin: 'https://ghcr.io' }],
    [{ host: 'registry.k8s.io' }, { redirectSuffix: '-docker.pkg.dev' }],
    [{ host: 'r.example', tokenHost: 'Auth.Example:8443' }, { tokenHost: 'auth.example:8443' }],
  ]
  for (const [settings, expected] of rows) {
    const [registry] = readRegistries([settings]).values()
    t.match(registry, expected, JSON.stringify(settings))
  }
  t.end()
})

t.test('of two with one host the later holds', t => {
  const credentials = { username: 'u', password: 'p' }
  const registries = readRegistries([...publicRegistries, { host: 'docker.io', credentials }])
  t.match(registries.get('docker.io'), {
    credentials,
    publicAddressesOnly: false,
    origin: 'https://registry-1.docker.io',
  })
  t.match(registries.get('ghcr.io'), { credentials: undefined, publicAddressesOnly: true })
  t.equal(registries.size, publicRegistries.length)
  t.end()
})

t.test('settings that contradict themselves', t => {
  const rows: readonly (readonly [RegistrySettings, string])[] = [
    [{ host: 'registry' }, 'registries: "registry": this is no host as an image reference has it'],
    [{ host: '' }, 'registries: "": this is no host as an image reference has it'],
    [{ host: 'ghcr.io/org' }, 'registries: "ghcr.io/org": this is no host as an image reference has it'],
    [
      { host: 'https://ghcr.io' },
      'registries: "https://ghcr.io": this is no host as an image reference has it',
    ],
    [
      { host: 'a.b', endpoint: 'nonsense' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'https://c.d/v2' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'https://u:p@c.d' },
      'registries: "a.b": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: 'a.b', endpoint: 'http://c.d' },
      'registries: "a.b": the endpoint must be https, or insecure must be true',
    ],
    [
      { host: 'a.b', endpoint: 'ftp://c.d', insecure: true },
      'registries: "a.b": the endpoint must be https, or insecure must be true',
    ],
    [
      { host: 'a.b:99999' },
      'registries: "a.b:99999": the endpoint must be scheme://host or scheme://host:port',
    ],
    [
      { host: '1.2.3.4', publicAddressesOnly: true },
      'registries: "1.2.3.4": an address is not a public name',
    ],
    [{ host: '[::1]', publicAddressesOnly: true }, 'registries: "[::1]": an address is not a public name'],
  ]
  for (const [settings, message] of rows)
    t.throws(() => readRegistries([settings]), {
      name: 'RegistrySettingsError',
      code: 'invalid-registry-settings',
      message,
      host: settings.host,
    })
  t.end()
})

t.test('the public registries', t => {
  t.same(
    publicRegistries.map(({ host }) => host),
    [
      'docker.io',
      'ghcr.io',
      'quay.io',
      'registry.k8s.io',
      'gcr.io',
      'registry.gitlab.com',
      'public.ecr.aws',
      'mcr.microsoft.com',
      'cgr.dev',
      'registry.access.redhat.com',
      'registry.redhat.io',
      'docker.elastic.co',
      'nvcr.io',
      'lscr.io',
    ],
  )
  for (const { host, publicAddressesOnly, insecure, credentials } of publicRegistries)
    t.same(
      { publicAddressesOnly, insecure, credentials },
      { publicAddressesOnly: true, insecure: undefined, credentials: undefined },
      host,
    )
  t.end()
})
