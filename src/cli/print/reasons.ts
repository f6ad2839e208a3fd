import type { Evaluation, PassedTag } from '../../evaluation/index.ts'
import type { RejectionReason } from '../../version/index.ts'

/** Each REASON of a verdict in words; docs/reasons.md has the same. */
export const reasons: Readonly<Record<Evaluation['reason'], string>> = {
  newer: 'the strategy allows a newer version',
  newest: 'nothing newer in its line',
  'not-listed': 'nothing newer in its line, but its registry neither lists the tag itself nor has it',
  unlisted:
    'nothing newer in its line; its registry does not list the tag itself, but has it, or does not say',
  'other-platform': 'nothing newer in its line runs on every platform that the image runs on',
  'same-digest': 'a newer tag is listed, and has the same content',
  waiting: 'what is newer in its line is younger than the minimum age',
  'other-prefix': 'nothing newer in its line, which goes on with another prefix',
  'other-variant': 'nothing newer in its line, which goes on in another variant',
  'other-revision': 'nothing newer in its line, which goes on with another kind of image revision',
  'fewer-numbers': 'nothing newer in its line, which goes on with fewer numbers',
  'no-tag': 'the reference has neither tag nor digest, so it stands for latest',
  latest: 'the tag stands for whatever was pushed last',
  extended: 'longer tags go on where this one ends, so it stands for the newest of them',
  'digest-only': 'the reference has a digest and no tag',
  'no-version': 'there is no version to read in the tag',
  'no-tags': 'the repository has no tags',
  'not-allowed': 'the registry is not among those that may be asked',
  'not-found': 'the registry has no such repository, or hides it',
  unauthorized: 'the registry wants credentials, or others',
  'unreadable-credentials': 'the registry wants credentials, and a pull secret that is named cannot be used',
  'rate-limited': 'the registry asks to wait',
  unavailable: 'the registry does not answer, or with an error of its server',
  'invalid-answer': 'what answers does not keep to the specification of registries',
  'not-checked-yet': 'a first look-up goes on in the background',
  'namespace-off': 'the mode of the namespace is off, so nothing is asked about it',
  'invalid-reference': 'the text is no image reference',
  'too-many-images': 'the object has more images than are judged',
}

/** Why a tag was not chosen: by what it says itself, or by what its registry says of it. */
export type WhyNotChosen = RejectionReason | PassedTag['reason'] | 'gone'

/** Each reason for which `--explain` says that a tag was not chosen, in words; the nearest to having been chosen first. docs/reasons.md has the same. */
export const rejections: Readonly<Record<WhyNotChosen, string>> = {
  'other-platform': 'newer and allowed, but it does not run on every platform that the image runs on',
  'no-image': 'newer and allowed, but no image: a chart, a signature or another artefact',
  waiting: 'newer and allowed, but younger than the minimum age',
  gone: 'listed, but its registry does not have it',
  'not-newest': 'newer and allowed, but not the newest',
  'outside-strategy': 'newer, but further than the strategy goes',
  'outside-range': 'newer, but not in the range',
  'outside-channel': 'newer, but not in the release channel',
  'never-offered': 'newer, but never to be offered',
  'pre-release-left': 'a newer pre-release, and there is a newer release',
  'pre-release': 'newer, but offered only to users of pre-releases',
  commit: 'newer, but the build of a commit, offered only to users of such',
  'other-scheme': 'counted in another way than the tag of the image, or a series in development',
  itself: 'the tag of the image',
  same: 'another spelling of the same version',
  older: 'older',
  floating: 'stands for the newest of longer tags',
  'other-variant': 'of another variant',
  'other-prefix': 'with another prefix',
  'other-revision': 'with another kind of image revision',
  'fewer-numbers': 'with fewer numbers',
  'no-version': 'there is no version to read in it',
  artefact: 'a signature, an attestation or a bill of materials',
  illegal: 'no tag that a registry may have',
}

/** The reasons of `--explain`, the nearest to having been chosen first. */
export function isNearer(one: WhyNotChosen, other: WhyNotChosen): number {
  return order.indexOf(one) - order.indexOf(other)
}

const order = Object.keys(rejections)
