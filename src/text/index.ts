/** The ground floor: what several folders need of names and lines of text. */
export { shortAge } from './age.ts'
export { compareTexts } from './compare.ts'
export { isDnsLabel, isDnsSubdomain } from './dns-name.ts'
export { isHalfSame, isNear } from './near.ts'
export { missingText } from './missing.ts'
export { printable, shorten, shortLine } from './printable.ts'
export { shellWords } from './shell-words.ts'
export { matchesWildcard } from './wildcard.ts'
