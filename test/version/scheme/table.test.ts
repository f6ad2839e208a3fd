import t, { type Test } from 'tap'
import {
  builtInReading,
  choose,
  learnTags,
  strategies,
  tagListOf,
  type Choice,
  type Strategy,
} from '../../../src/version/index.ts'
import { shippedSchemes } from '../../../src/version/scheme/table.ts'
import { createSchemes } from '../../../src/version/scheme/schemes.ts'

const schemes = createSchemes([])

function said({ verdict, newest, elsewhere, line }: Choice): string {
  const next = newest ?? (elsewhere === undefined ? '-' : `- but ${elsewhere}`)
  return `${verdict} ${next}${line === undefined ? '' : ` in ${line}`}`
}

/** An image with its tag, other tags of its repository as published, and what is said by each strategy. */
type Row = readonly [image: string, tags: string, expected: Partial<Record<Strategy, string>>]

const rows: Readonly<Record<string, readonly Row[]>> = {
  PostgreSQL: [
    [
      'docker.io/library/postgres:15.4',
      '14.9 15 15.3 15.4 15.5 15.6 15.7-alpine 16beta1 16rc1 16.0 16.1 latest bookworm alpine3.19',
      {
        rebuild: 'current - in 15.4',
        patch: 'outdated 15.6 in 15',
        minor: 'outdated 15.6 in 15',
        major: 'outdated 16.1',
      },
    ],
    ['docker.io/library/postgres:15', '15 15.3 15.4 16 16.0', { patch: 'floating 15.4 in 15' }],
    ['docker.io/library/postgres:15.6', '15 15.5 15.6 16beta1 16rc1', { major: 'current -' }],
    [
      'docker.io/library/postgres:15.4-alpine3.18',
      '15.4-alpine3.18 15.5-alpine3.18 15.6-alpine3.19 15.6 15-alpine3.18',
      { patch: 'outdated 15.5-alpine3.18 in 15' },
    ],
    [
      'docker.io/library/postgres:15.4-alpine3.17',
      '15.4-alpine3.17 15.4-alpine3.18 15.6-alpine3.18 15.6',
      { patch: 'current - but 15.6-alpine3.18 in 15' },
    ],
    [
      'docker.io/library/postgres:15-alpine',
      '15-alpine 15.4-alpine 15.6-bookworm',
      { patch: 'floating 15.4-alpine in 15' },
    ],
    [
      'docker.io/library/postgres:16beta1',
      '15.4 16beta1 16beta2 16rc1',
      { patch: 'outdated 16rc1 in 16', major: 'outdated 16rc1' },
    ],
    ['docker.io/library/postgres:16rc1', '16beta1 16rc1 16.0 16.1 16', { patch: 'outdated 16.1 in 16' }],
    [
      'ghcr.io/cloudnative-pg/postgresql:15.4-2-bookworm',
      '15.4-1-bookworm 15.4-2-bookworm 15.4-10-bookworm 15.6-1-bookworm 16.1-3-bookworm',
      { patch: 'outdated 15.6-1-bookworm in 15', rebuild: 'outdated 15.4-10-bookworm in 15.4' },
    ],
    ['public.ecr.aws/docker/library/postgres:13.2', '13.2 13.13', { patch: 'outdated 13.13 in 13' }],
  ],
  'PostgreSQL 9': [
    [
      'docker.io/library/postgres:9.6.20',
      '9.5.25 9.6 9.6.20 9.6.24 10.23 16.1',
      { patch: 'outdated 9.6.24 in 9.6', minor: 'outdated 9.6.24 in 9', major: 'outdated 16.1' },
    ],
    ['docker.io/library/postgres:9.6', '9.6 9.6.20 9.6.24', { patch: 'floating 9.6.24 in 9.6' }],
    [
      'docker.io/library/postgres:9.5.25-alpine',
      '9.5.25-alpine 9.6.24-alpine',
      { patch: 'current - in 9.5', minor: 'outdated 9.6.24-alpine in 9' },
    ],
  ],
  'Crunchy Postgres': [
    [
      'registry.developers.crunchydata.com/crunchydata/crunchy-postgres:ubi8-15.4-0',
      'ubi8-15.4-0 ubi8-15.4-1 ubi8-15.6-0 ubi8-16.1-0 ubi8-15.6-3.4-0',
      {
        rebuild: 'outdated ubi8-15.4-1 in ubi8-15.4',
        patch: 'outdated ubi8-15.6-0 in ubi8-15',
        major: 'outdated ubi8-16.1-0 in ubi8',
      },
    ],
  ],
  Debian: [
    [
      'docker.io/library/debian:12.4',
      '11.9 12 12.4 12.5 12.6 12.7-slim 13.0 bookworm bookworm-20240211 stable',
      { patch: 'outdated 12.6 in 12', minor: 'outdated 12.6 in 12', major: 'outdated 13.0' },
    ],
    ['docker.io/library/debian:12', '12 12.4 12.5 12-slim', { patch: 'floating 12.5 in 12' }],
    [
      'mirror.gcr.io/library/debian:12.4-slim',
      '12.4-slim 12.5-slim 12.6',
      { patch: 'outdated 12.5-slim in 12' },
    ],
    ['docker.io/library/debian:bookworm', 'bookworm 12.5 bookworm-20240211', { patch: 'unversioned -' }],
  ],
  'Red Hat': [
    [
      'registry.access.redhat.com/ubi8/ubi:8.9-1160',
      '8.9 8.9-1107 8.9-1160 8.9-1160.1715068735 8.9-1161 8.10-901 8.10-901.1716497712 8.10-1751287003 8.10-1751287003-source latest',
      {
        rebuild: 'outdated 8.9-1160.1715068735 in 8.9-1160',
        patch: 'outdated 8.9-1161 in 8.9',
        minor: 'outdated 8.10-1751287003 in 8',
      },
    ],
    [
      'registry.access.redhat.com/ubi9-minimal:9.3',
      '9.3 9.3-1475 9.3-1612 9.4-949',
      { patch: 'floating 9.3-1612 in 9.3' },
    ],
    [
      'registry.redhat.io/rhel8/postgresql-13:1-159',
      '1 1-152 1-159 1-159.1714413546 1-170',
      { patch: 'outdated 1-170 in 1' },
    ],
    [
      'registry.redhat.io/openshift4/ose-cli:v4.14.1',
      'v4.14.1 v4.14.3',
      { patch: 'outdated v4.14.3 in 4.14' },
    ],
  ],
  'SUSE Application Collection': [
    [
      'dp.apps.rancher.io/containers/kube-state-metrics:2.17.0-10.7',
      '2.17.0-10.7 2.17.0-10.11 2.17.1-1.2 2.18.0-1.1',
      {
        rebuild: 'outdated 2.17.0-10.11 in 2.17.0',
        patch: 'outdated 2.17.1-1.2 in 2.17',
        minor: 'outdated 2.18.0-1.1 in 2',
      },
    ],
    [
      'dp.apps.rancher.io/containers/redis:7.2-9.5',
      '7.2-9.5 7.2-10.1 7.2-10.1-dev 7.4-1.1',
      { patch: 'outdated 7.2-10.1 in 7.2' },
    ],
  ],
  'SQL Server': [
    [
      'mcr.microsoft.com/mssql/server:2022-CU9-ubuntu-22.04',
      '2019-CU27-ubuntu-20.04 2022-latest 2022-CU9-ubuntu-22.04 2022-CU10-ubuntu-22.04 2022-CU14-GDR1-ubuntu-22.04 2022-CU15-ubuntu-20.04',
      { patch: 'outdated 2022-CU14-GDR1-ubuntu-22.04 in 2022' },
    ],
    [
      'mcr.microsoft.com/mssql/server:2022-CU14-ubuntu-22.04',
      '2022-CU14-ubuntu-22.04 2022-CU14-GDR1-ubuntu-22.04',
      { patch: 'outdated 2022-CU14-GDR1-ubuntu-22.04 in 2022' },
    ],
    [
      'mcr.microsoft.com/mssql/server:2019-CU18-ubuntu-18.04',
      '2019-CU18-ubuntu-18.04 2019-CU27-ubuntu-20.04 2022-CU10-ubuntu-22.04',
      { patch: 'current - but 2019-CU27-ubuntu-20.04 in 2019' },
    ],
  ],
  'Windows base images': [
    [
      'mcr.microsoft.com/windows/servercore:10.0.17763.5329-amd64',
      '10.0.17763.5329-amd64 10.0.17763.5820-amd64 10.0.17763.5936 10.0.20348.2461-amd64 ltsc2019 ltsc2022-amd64',
      {
        patch: 'outdated 10.0.17763.5820-amd64 in 10.0.17763',
        minor: 'outdated 10.0.17763.5820-amd64 in 10.0.17763',
        major: 'outdated 10.0.20348.2461-amd64 in 10.0',
      },
    ],
  ],
  '.NET Framework': [
    [
      'mcr.microsoft.com/dotnet/framework/aspnet:4.8-20240409-windowsservercore-ltsc2019',
      '4.8-20240409-windowsservercore-ltsc2019 4.8-20240514-windowsservercore-ltsc2019 4.8-20240514-windowsservercore-ltsc2022 4.8.1-20240514-windowsservercore-ltsc2022 4.8',
      { major: 'outdated 4.8-20240514-windowsservercore-ltsc2019 in 4.8' },
    ],
  ],
  MinIO: [
    [
      'quay.io/minio/minio:RELEASE.2024-05-10T01-41-38Z',
      'RELEASE.2024-05-07T06-41-25Z RELEASE.2024-05-10T01-41-38Z RELEASE.2024-06-04T19-20-08Z RELEASE.2024-06-06T09-36-42Z-cpuv1 RELEASE.2024-06-05T00-00-00Z.hotfix.78e654ba2 latest',
      {
        rebuild: 'current - in RELEASE.2024-05-10',
        patch: 'outdated RELEASE.2024-06-04T19-20-08Z in RELEASE',
        major: 'outdated RELEASE.2024-06-04T19-20-08Z in RELEASE',
      },
    ],
    [
      'docker.io/minio/mc:RELEASE.2024-05-09T17-04-24Z',
      'RELEASE.2024-05-09T17-04-24Z RELEASE.2024-05-09T17-04-26Z',
      { patch: 'outdated RELEASE.2024-05-09T17-04-26Z in RELEASE' },
    ],
    [
      'docker.io/minio/minio:RELEASE.2023-11-20T22-40-07Z.hotfix.e2ba7a4bb',
      'RELEASE.2023-11-20T22-40-07Z.hotfix.e2ba7a4bb RELEASE.2023-12-02T10-51-33Z',
      { patch: 'current - but RELEASE.2023-12-02T10-51-33Z in RELEASE' },
    ],
    [
      'docker.io/minio/kes:2024-03-01T18-06-46Z',
      '2024-03-01T18-06-46Z 2024-04-12T13-50-00Z v0.22.3',
      { patch: 'outdated 2024-04-12T13-50-00Z' },
    ],
    ['quay.io/minio/operator:v5.0.14', 'v5.0.14 v5.0.15', { patch: 'outdated v5.0.15 in 5.0' }],
  ],
  'Java 8': [
    [
      'docker.io/library/eclipse-temurin:8u402-b06-jdk-jammy',
      '8u402-b06-jdk-jammy 8u412-b08-jdk-jammy 8u412-b08-jre-jammy 17.0.11_9-jdk-jammy 8-jdk-jammy',
      { patch: 'outdated 8u412-b08-jdk-jammy in 8', rebuild: 'current - in 8u402' },
    ],
    [
      'docker.io/library/eclipse-temurin:8-jdk-jammy',
      '8-jdk-jammy 8u402-b06-jdk-jammy 8u412-b08-jdk-jammy',
      { patch: 'floating 8u412-b08-jdk-jammy in 8' },
    ],
    [
      'docker.io/library/amazoncorretto:8u402-alpine3.19',
      '8u402-alpine3.19 8u412-alpine3.19 8u412-alpine3.18-jre',
      { patch: 'outdated 8u412-alpine3.19 in 8' },
    ],
    [
      'docker.io/library/eclipse-temurin:17.0.10_7-jdk-jammy',
      '8u412-b08-jdk-jammy 17.0.10_7-jdk-jammy 17.0.11_9-jdk-jammy',
      { patch: 'outdated 17.0.11_9-jdk-jammy in 17.0' },
    ],
  ],
  'Jupyter stacks': [
    [
      'quay.io/jupyter/scipy-notebook:2024-04-15',
      '2024-04-15 2024-05-06 x86_64-2024-05-07 python-3.11 latest',
      { patch: 'outdated 2024-05-06' },
    ],
  ],
  PhotoPrism: [
    [
      'docker.io/photoprism/photoprism:231128',
      '231128 240420 240531-ce preview',
      { patch: 'outdated 240420' },
    ],
  ],
}

t.test('every row of the table has its cases', async t => {
  t.strictSame(
    Object.keys(rows),
    shippedSchemes.map(({ name }) => name),
  )
})

function test(t: Test, [image, tags, expected]: Row): void {
  const [registry = '', ...path] = image.split('/')
  const [repository = '', tag = ''] = path.join('/').split(':')
  const reading = schemes.of({ registry, repository })
  const index = learnTags(tagListOf(tags.split(' ')), reading)
  for (const strategy of strategies) {
    const wanted = expected[strategy]
    if (wanted !== undefined)
      t.equal(said(choose(tag, index, { strategy })), wanted, `${image} by ${strategy}`)
  }
}

for (const [name, cases] of Object.entries(rows))
  t.test(name, async t => {
    for (const row of cases) test(t, row)
  })

const rightAlready: readonly Row[] = [
  [
    'docker.io/library/ubuntu:jammy-20231211',
    'jammy jammy-20231128 jammy-20231211 jammy-20231211.1 jammy-20240111 noble-20240423 22.04',
    { rebuild: 'outdated jammy-20240111 in jammy', patch: 'outdated jammy-20240111 in jammy' },
  ],
  [
    'docker.io/library/ubuntu:22.04',
    '20.04 22.04 24.04 jammy-20240111',
    { patch: 'current - in 22.4', major: 'outdated 24.04' },
  ],
  [
    'docker.io/library/ubuntu:jammy-20231211',
    'jammy jammy-20231128 jammy-20231211 jammy-20231211.1 noble-20240423',
    { rebuild: 'outdated jammy-20231211.1 in jammy' },
  ],
  [
    'docker.io/library/archlinux:base-20240101.0.204074',
    'base base-20240101.0.204074 base-20240505.0.233670 base-devel-20240512.0.235327 multilib-devel',
    { patch: 'outdated base-20240505.0.233670 in base' },
  ],
  [
    'ghcr.io/zalando/spilo-15:3.0-p1',
    '2.1-p9 3.0-p1 3.0-p2 3.2-p3 latest',
    { patch: 'outdated 3.0-p2 in 3.0', minor: 'outdated 3.2-p3 in 3' },
  ],
  ['ghcr.io/zalando/postgres-operator:v1.11.0', 'v1.11.0 v1.12.2', { minor: 'outdated v1.12.2 in 1' }],
  [
    'docker.io/library/almalinux:9.3-20231124',
    '9 9.3 9.3-20231124 9.3-20240416 9.3-minimal-20240520 9.4-20240507 8.9-20240416',
    { patch: 'outdated 9.3-20240416 in 9.3', minor: 'outdated 9.4-20240507 in 9' },
  ],
  [
    'docker.io/library/almalinux:9.3-minimal',
    '9.3-minimal 9.3-minimal-20231124 9.4-minimal-20240507',
    { patch: 'current - in 9.3' },
  ],
  [
    'quay.io/ceph/ceph:v18.2.1-20240118',
    'v18 v18.2.1 v18.2.1-20240118 v18.2.1-20240222 v18.2.2-20240311 v19.2.0-20240927',
    {
      rebuild: 'outdated v18.2.1-20240222 in 18.2.1',
      patch: 'outdated v18.2.2-20240311 in 18.2',
      major: 'outdated v19.2.0-20240927',
    },
  ],
  [
    'docker.io/selenium/standalone-chrome:4.20.0-20240425',
    '4.20.0-20240425 4.20.0-20240505 4.21.0-20240517 124.0-20240425 4.20.0 4.20 latest',
    { patch: 'outdated 4.20.0-20240505 in 4.20', major: 'outdated 4.21.0-20240517' },
  ],
  [
    'docker.io/bitnami/postgresql:15.4.0-debian-11-r10',
    '15.4.0-debian-11-r10 15.4.0-debian-11-r45 15.6.0-debian-11-r2 16.1.0-debian-11-r0',
    { patch: 'outdated 15.4.0-debian-11-r45 in 15.4', minor: 'outdated 15.6.0-debian-11-r2 in 15' },
  ],
  [
    'docker.io/library/amazonlinux:2023.4.20240416.0',
    '2 2023 2.0.20240503.0 2023.4.20240416.0 2023.4.20240513.0 2023.5.20240624.0',
    { patch: 'outdated 2023.4.20240513.0 in 2023.4', minor: 'outdated 2023.5.20240624.0 in 2023' },
  ],
  [
    'docker.io/library/amazonlinux:2023',
    '2 2023 2023.4.20240513.0',
    { patch: 'floating 2023.4.20240513.0 in 2023' },
  ],
  [
    'docker.io/library/rockylinux:9.3',
    '9 9.3 9.3.20231119 9.3.20231119-minimal',
    { patch: 'floating 9.3.20231119 in 9.3' },
  ],
  [
    'quay.io/keycloak/keycloak:24.0.3',
    '24.0 24.0.3 24.0.3-0 24.0.4 25.0.0',
    { patch: 'outdated 24.0.4 in 24.0' },
  ],
  [
    'docker.io/timescale/timescaledb:2.14.2-pg15',
    '2.14.2-pg15 2.14.3-pg15 2.14.3-pg16 2.15.0-pg15',
    { patch: 'outdated 2.14.3-pg15 in 2.14' },
  ],
  [
    'docker.io/homeassistant/home-assistant:2024.5.1',
    '2024.5 2024.5.1 2024.5.4 2024.6.0b1 2024.6.0',
    { patch: 'outdated 2024.5.4 in 2024.5' },
  ],
  [
    'mcr.microsoft.com/cbl-mariner/base/core:2.0.20240401-amd64',
    '2.0 2.0.20240401-amd64 2.0.20240425-amd64',
    { patch: 'outdated 2.0.20240425-amd64 in 2.0' },
  ],
]

t.test('images that the built-in rules read rightly have no row', async t => {
  for (const row of rightAlready) {
    const [registry = '', ...path] = row[0].replace(/:.*/, '').split('/')
    t.equal(schemes.of({ registry, repository: path.join('/') }), builtInReading, row[0])
    test(t, row)
  }
})

t.test('nor have tags that the row of their image does not read', async t => {
  test(t, [
    'docker.io/library/debian:bookworm-20240110-slim',
    'bookworm-20231218-slim bookworm-20240110-slim bookworm-20240211-slim bookworm-20240311 trixie-20240423-slim 12.5-slim',
    {
      rebuild: 'outdated bookworm-20240211-slim in bookworm',
      patch: 'outdated bookworm-20240211-slim in bookworm',
      major: 'outdated bookworm-20240211-slim in bookworm',
    },
  ])
})

t.test('no row does what the built-in rules do', async t => {
  for (const [name, cases] of Object.entries(rows)) {
    const differs = cases.some(([image, tags, expected]) => {
      const index = learnTags(tagListOf(tags.split(' ')))
      const tag = image.split(':').at(-1)
      return strategies.some(
        strategy =>
          expected[strategy] !== undefined && expected[strategy] !== said(choose(tag, index, { strategy })),
      )
    })
    t.ok(differs, name)
  }
})
