import type { Part } from './pack.ts'
import type { Entry, Link, RenderedMessage, Section } from './rendered-message.ts'

/** Text as HTML, inside and outside of attributes. */
export function htmlEscaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A section in the few elements that Telegram and every mail reader know: a, b, code, pre, i. */
export function htmlPart({ title, entries, more }: Section): Part {
  return { title: `<b>${htmlEscaped(title)}</b>`, items: entries.map(entryHtml), more }
}

/** The totals as the last part: a title without items. */
export function htmlTotals({ totals }: RenderedMessage): readonly Part[] {
  return totals === undefined ? [] : [{ title: htmlEscaped(totals), items: [], more: 0 }]
}

function entryHtml({ image, after, links, places, command, hints }: Entry): string {
  return [
    `• <code>${htmlEscaped(image)}</code>${htmlEscaped(after)}${linksHtml(links)}`,
    ...places.map(place => `    ${htmlEscaped(place)}`),
    ...(command === undefined ? [] : [`<pre>${htmlEscaped(command)}</pre>`]),
    ...hints.map(hint => `    <i>${htmlEscaped(hint)}</i>`),
  ].join('\n')
}

function linksHtml(links: readonly Link[]): string {
  const marked = links.map(({ label, url }) => `<a href="${htmlEscaped(url)}">${label}</a>`)
  return marked.length === 0 ? '' : ` (${marked.join(', ')})`
}

/** The message as plain text. */
export function plainText({ subject, sections, totals }: RenderedMessage): string {
  return [subject, ...sections.map(sectionText), ...(totals === undefined ? [] : [totals])].join('\n\n')
}

function sectionText({ title, entries, more }: Section): string {
  return [title, ...entries.map(entryText), ...(more === 0 ? [] : [`and ${more} more`])].join('\n')
}

function entryText({ image, after, links, places, command, hints }: Entry): string {
  return [
    `* ${image}${after}`,
    ...places.map(place => `    ${place}`),
    // The address of a registry says what it is.
    ...links.map(({ label, url }) => `    ${label === 'tags' ? '' : `${label}: `}${url}`),
    ...(command === undefined ? [] : [`    $ ${command}`]),
    ...hints.map(hint => `    ${hint}`),
  ].join('\n')
}
