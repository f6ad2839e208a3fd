/** The outcome for one tag beside the tags of its repository. */
export type Verdict = 'outdated' | 'current' | 'floating' | 'unversioned' | 'unknown'

/** How the shape of a tag differs from that of another. */
export type ShapeDifference = 'other-prefix' | 'other-variant' | 'other-revision'

/** Why a line is said to go on elsewhere; `fewer-numbers`: a core of two numbers behind one of three floats, or may. */
export type ElsewhereReason = ShapeDifference | 'fewer-numbers'

/** Why the verdict is what it is. */
export type Reason =
  | 'newer' // outdated: the strategy allows a newer version
  | 'newest' // current: nothing newer in its line
  | 'not-listed' // current, for all that is known: the registry does not list the tag itself, nor has it
  | 'unlisted' // current, likewise: it does not list the tag, and has it, or could not be asked about it
  | ElsewhereReason // current, but the line goes on in another shape
  | 'no-tag' // floating: the reference has neither tag nor digest
  | 'latest' // floating
  | 'extended' // floating: longer tags go on where this one ends
  | 'digest-only' // unversioned: the reference has a digest and no tag
  | 'no-version' // unversioned: no version to read in the tag
  | 'no-tags' // unknown: the repository has none
