import t from 'tap'
import { builtInReading, createSupportTables, readTag } from '../../../src/version/index.ts'
import { tableOf } from './tables.ts'

function lineOf(repository: string, tag: string): string | undefined {
  const version = readTag(tag, builtInReading)
  return version && tableOf(repository).lineOf(version)?.line
}

t.test('the line of a tag', async t => {
  const rows: readonly (readonly [repository: string, tag: string, line: string | undefined])[] = [
    ['library/node', '18.20.1', '18'],
    ['library/node', '18', '18'],
    ['library/node', '18-alpine3.20', '18'],
    ['library/node', '180.1.0', undefined],
    ['library/node', 'lts-alpine', undefined],
    ['library/ubuntu', '24.04', '24.04'],
    ['library/ubuntu', '24.10', '24.10'],
    ['library/ubuntu', 'jammy-20240111', undefined],
    ['library/eclipse-temurin', '21.0.5_11-jre', '21'],
    ['library/eclipse-temurin', '8u432-b06-jre', '8'],
    ['library/neo4j', '2025.04.0', '2025.04'],
    ['library/neo4j', '5.26.1-community', '5.26'],
    ['library/neo4j', '5.13.0', undefined],
    ['library/nginx', '1.28.1-alpine', '1.28'],
    ['jenkins/jenkins', '2.541.1-lts', '2.541'],
    ['jenkins/jenkins', '2.553', '2'],
  ]
  for (const [repository, tag, line] of rows) t.equal(lineOf(repository, tag), line, `${repository}:${tag}`)
})

t.test('the table of a repository, by all of its parts and by its origin', async t => {
  const tables = createSupportTables([])
  const rows: readonly (readonly [registry: string, repository: string, hasTable: boolean])[] = [
    ['docker.io', 'library/node', true],
    ['docker.io', 'arm64v8/node', true],
    ['harbor.example.com', 'proxy/library/node', true],
    ['proxy.example.com', 'docker.io/library/node', true],
    ['docker.io', 'library/node-red', false],
    ['docker.io', 'node/library', false],
    ['docker.io', 'team/node', false],
    ['ghcr.io', 'node', false],
    ['mcr.microsoft.com', 'dotnet/aspnet', true],
    ['mcr.microsoft.com', 'dotnet/monitor', false],
  ]
  for (const [registry, repository, hasTable] of rows)
    t.equal(tables.of({ registry, repository }) !== undefined, hasTable, `${registry}/${repository}`)
  const node = { registry: 'docker.io', repository: 'library/node' }
  t.equal(tables.of(node), tables.of(node), 'the same object each time')
})

t.test('lines of the configuration', async t => {
  const table = tableOf('library/node', [
    {
      images: ['docker.io/library/node'],
      lines: [{ line: '28', released: '2027-04-20', ltsFrom: '2027-10-26' }],
    },
    { images: ['docker.io/library/node'], lines: [{ line: '18', end: '2030-01-01' }] },
  ])
  const [own, replaced, shipped] = ['28.0.1', '18.1.0', '20.1.0'].map(tag => {
    const version = readTag(tag, builtInReading)
    return version && table.lineOf(version)
  })
  t.match(own, { line: '28', ltsFrom: 1_824_508_800_000, end: undefined, asOf: undefined })
  t.match(replaced, { line: '18', ltsFrom: undefined, end: 1_893_456_000_000, asOf: undefined })
  t.match(shipped, { line: '20', asOf: '2026-03-05' })
  t.equal(table.turns.at(-1), 1_824_508_800_000)
  t.equal(createSupportTables([]).of({ registry: 'registry.example.com', repository: 'base/app' }), undefined)
  const base = { images: ['registry.example.com/base/app'], lines: [{ line: '4.2' }] }
  const tables = createSupportTables([base])
  t.match(tables.of({ registry: 'registry.example.com', repository: 'base/app' }), {
    numbers: 2,
    otherLines: 'stable',
  })
  t.equal(tables.of({ registry: 'registry.example.com', repository: 'base/app/x' }), undefined)
})
