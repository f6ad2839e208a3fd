/** The ground floor for texts: lines that people read, comparisons, and patterns of names. */
export { csvLine, type CsvField } from './csv.ts'
export { missingText, printable, shellWords, shortAge, shortLine, shorten } from './display.ts'
export { instantOf, spellDay, spellInstant } from './instants.ts'
export { compareTexts, isHalfSame, isNear } from './compare.ts'
export { isDnsLabel, isDnsSubdomain, matchesWildcard } from './patterns.ts'
