/**
 * Words in tags whose meaning is the same in all repositories. They are what is believed of a word as long as the tags of a
 * repository do not say otherwise; what a word counts elsewhere is learned (`grammar/`).
 */

/** Pre-releases below the release, fix levels above it. */
export type Stage = (typeof stages)[keyof typeof stages]
export const stages = { build: 0, alpha: 1, beta: 2, preview: 3, candidate: 4, release: 5, fix: 6 } as const

/** The stage that a word of its own, or with a number, says; undefined for any other word. */
export function stageOf(word: string): Stage | undefined {
  return stageWords.get(word.toLowerCase())
}

const stageWords: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  ['dev', stages.build],
  ['snapshot', stages.build],
  ['nightly', stages.build],
  ['canary', stages.build],
  ['alpha', stages.alpha],
  ['a', stages.alpha],
  ['beta', stages.beta],
  ['b', stages.beta],
  ['milestone', stages.preview],
  ['m', stages.preview],
  ['ea', stages.preview],
  ['eap', stages.preview],
  ['preview', stages.preview],
  ['pre', stages.preview],
  ['prerelease', stages.preview],
  ['rc', stages.candidate],
  ['cr', stages.candidate],
  ['patch', stages.fix],
  ['hotfix', stages.fix],
  ['security', stages.fix],
  ['post', stages.fix],
])

/** Words of one letter, which say a stage only with a small number directly behind: `-a123456` is a commit. */
export function isStageLetter(word: string): boolean {
  return /^[abm]$/i.test(word)
}

/** Numbers directly behind these count how often the same version was built, as far as nothing else is learned. */
export function countsBuilds(word: string): boolean {
  return buildWords.has(word.toLowerCase())
}

const buildWords = new Set('b v p kb ga rancher update iteration'.split(' '))

/** Numbers directly behind these count builds whatever the list says: Alpine and Bitnami, LinuxServer, K3s, RKE2, EKS, GKE. */
export function alwaysCountsBuilds(word: string): boolean {
  return counterWords.has(word)
}

const counterWords = new Set('r rev revision ls k3s rke2r eksbuild gke build'.split(' '))

/** Numbers behind these say what an image is built on or for, which its user has chosen. */
export function namesChoice(word: string): boolean {
  return choiceWords.has(word.toLowerCase())
}

/** The same where a separator stands between the word and a single number: `debian-12`, not `alpine-12`. */
export function namesChoiceApart(word: string): boolean {
  return choiceWordsApart.has(word.toLowerCase())
}

const choiceWordsApart = new Set(
  [
    'debian ubuntu centos rhel ubi el fc fedora rocky rockylinux almalinux ol oraclelinux photon al amzn amazonlinux',
    'suse sles leap opensuse bci ltsc windowsservercore nanoserver servercore windows',
    'jdk jre java openjdk temurin python py php node nodejs ruby go golang perl dotnet cuda pg postgres postgresql mysql',
  ].flatMap(line => line.split(' ')),
)

const choiceWords = new Set([
  ...choiceWordsApart,
  ...'alpine wolfi busybox scala cp lua erlang otp elixir cudnn rocm mariadb mssql qt gtk gcc clang llvm glibc musl'.split(
    ' ',
  ),
])

/** Processors, whose names hold digits that count nothing. */
export function isProcessor(word: string): boolean {
  return processors.has(word.toLowerCase())
}

const processors = new Set(
  [
    'amd64 arm64 arm64v8 arm32v5 arm32v6 arm32v7 arm32v8 armv5 armv6 armv7 armv8 armv7l armv8l armhf armel aarch64',
    'i386 i486 i586 i686 x86 x86_64 x86-64 x64 win32 win64 s390x ppc64 ppc64le ppc64el riscv64 mips64 mips64le mips64el',
    'loong64 loongarch64',
  ].flatMap(line => line.split(' ')),
)

/** Whether a text says that these are no releases: `dev-1.2.3`, `3.27.0-0.dev-12`, `10.2.0-62263pre`. */
export function saysUnstable(text: string): boolean {
  return unstable.test(text)
}

const unstable =
  /(?:^|[-_.\d])(?:alpha|beta|rc|pre|preview|dev|devel|develop|snapshot|nightly|canary|edge|ea|head|unstable|test|testing|main|master|pr|ci)(?:[-_.\d]|$)/i

/** Words behind which a lone number counts builds or pull requests of a branch: no version, and none is newer than another. */
export function namesBranch(prefix: string): boolean {
  return branch.test(prefix)
}

const branch =
  /(?:^|[-_])(?:sha|git|commit|pr|mr|pull|build|ci|run|job|main|master|trunk|develop|dev|branch|feature|snapshot|nightly|canary|edge|test)[-_]$/i
