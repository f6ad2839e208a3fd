import type { SchemeSettings } from './scheme.ts'

// Docker's official images are also published by these two.
function official(...names: readonly string[]): readonly string[] {
  return ['docker.io/library', 'public.ecr.aws/docker/library', 'mirror.gcr.io/library'].flatMap(place =>
    names.map(name => `${place}/${name}`),
  )
}

const date = '(?P<year>[0-9]{4})-?(?P<month>[0-9]{2})-?(?P<day>[0-9]{2})'

/**
 * Images whose tags the built-in rules read wrongly or not at all, from what their publishers document and publish. Each
 * row has its cases in the test of this file; a row that the rules would do without has no place here.
 */
export const shippedSchemes: readonly SchemeSettings[] = [
  {
    // From 10 on a release has two numbers, and the first one is the line (postgresql.org/support/versioning).
    name: 'PostgreSQL',
    images: [...official('postgres'), 'ghcr.io/cloudnative-pg/postgresql'],
    pattern: '(?P<major>[1-9][0-9])(?:\\.(?P<patch>[0-9]+))?(?P<suffix>(?:[a-z]+[0-9]+)?(?:-.*)?)',
  },
  {
    // Up to 9.6 the first two were.
    name: 'PostgreSQL 9',
    images: [...official('postgres'), 'ghcr.io/cloudnative-pg/postgresql'],
    pattern:
      '(?P<major>[89])(?:\\.(?P<minor>[0-6])(?:\\.(?P<patch>[0-9]+))?)?(?P<suffix>(?:[a-z]+[0-9]+)?(?:-.*)?)',
  },
  {
    // `ubi8-15.6-1`: the base, the version of PostgreSQL, the build of the image.
    name: 'Crunchy Postgres',
    images: ['registry.developers.crunchydata.com/crunchydata/crunchy-postgres'],
    pattern: '(?P<prefix>[a-z]+[0-9])-(?P<major>[1-9][0-9])\\.(?P<patch>[0-9]+)-(?P<revision>[0-9]+)',
  },
  {
    // 12.5 is a point release of 12 (debian.org/releases): the first number is the line.
    name: 'Debian',
    images: official('debian'),
    pattern: '(?P<major>[1-9][0-9]?)(?:\\.(?P<patch>[0-9]+))?(?P<variant>-slim)?',
  },
  {
    // `8.9-1160.1715068735`, `8.10-1751287003`, `1-98`: a version, a build, and later rebuilds of the same.
    name: 'Red Hat',
    images: ['registry.access.redhat.com', 'registry.redhat.io'],
    pattern:
      '(?P<major>[0-9]{1,3})(?:\\.(?P<minor>[0-9]{1,3}))?(?:-(?P<patch>[0-9]+)(?:\\.(?P<build>[0-9]+))?)?(?P<variant>-source)?',
  },
  {
    // `2.17.0-10.7`: the version, its packaging, and rebuilds of that. Most lists hold two or three tags, which teach nothing.
    name: 'SUSE Application Collection',
    images: ['dp.apps.rancher.io/containers'],
    pattern:
      '(?P<major>[0-9]+)\\.(?P<minor>[0-9]+)(?:\\.(?P<patch>[0-9]+))?-(?P<build>[0-9]+)\\.(?P<revision>[0-9]+)(?P<variant>-.+)?',
  },
  {
    // `2022-CU13-ubuntu-22.04`: cumulative updates, and security fixes on top of one.
    name: 'SQL Server',
    images: ['mcr.microsoft.com/mssql'],
    pattern:
      '(?P<major>20[0-9]{2})-CU(?P<patch>[0-9]+)(?:-GDR(?P<build>[0-9]+))?(?P<variant>-[a-z]+-[0-9.]+)',
  },
  {
    // `10.0.20348.2461-amd64`: the third number is the release of Windows, which must be that of the node.
    name: 'Windows base images',
    images: ['mcr.microsoft.com/windows'],
    pattern: '(?P<prefix>10\\.0)\\.(?P<major>[0-9]{5})\\.(?P<patch>[0-9]+)(?P<variant>-[a-z0-9]+)?',
  },
  {
    // `4.8.1-20240514-windowsservercore-ltsc2022`: each build of a version of the framework.
    name: '.NET Framework',
    images: ['mcr.microsoft.com/dotnet/framework'],
    pattern: `(?P<prefix>[0-9]\\.[0-9](?:\\.[0-9])?)-${date}(?P<variant>-.+)`,
  },
  {
    // `RELEASE.2024-05-10T01-41-38Z`, for older processors with `-cpuv1`; KES without the word.
    name: 'MinIO',
    images: ['docker.io/minio', 'quay.io/minio'],
    pattern: `(?:(?P<prefix>RELEASE)\\.)?${date}T(?P<time>[0-9]{2}-[0-9]{2}-[0-9]{2})Z(?P<variant>[-.].+)?`,
  },
  {
    // `8u412-b08-jdk-jammy`, `8u412-alpine3.19`, over which `8-jdk-jammy` and `8-alpine3.19` float.
    name: 'Java 8',
    images: official('amazoncorretto', 'eclipse-temurin', 'openjdk'),
    pattern: '(?P<major>8)(?:u(?P<patch>[0-9]+)(?:-b(?P<build>[0-9]+))?)?(?P<variant>-.+)?',
  },
  {
    // `2024-05-06`, and `x86_64-2024-05-06` for one kind of processor.
    name: 'Jupyter stacks',
    images: ['quay.io/jupyter', 'docker.io/jupyter'],
    pattern: `(?:(?P<prefix>x86_64|aarch64)-)?${date}`,
  },
  {
    // `240420`: a day.
    name: 'PhotoPrism',
    images: ['docker.io/photoprism'],
    pattern: '(?P<year>[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})(?P<variant>-[a-z]+)?',
  },
]
