/** How many images have tags that do not exist, in words: `1 names a tag that does not exist`. */
export function missingText(count: number): string {
  return count === 1 ? '1 names a tag that does not exist' : `${count} name tags that do not exist`
}
