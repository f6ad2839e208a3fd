import type { Group, Message, Section } from './message.ts'
import type { Part } from './pack.ts'

/** Text as HTML, inside and outside of attributes. */
export function htmlEscaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** A section in the few elements that Telegram and every mail reader know: b, code, pre, i. */
export function htmlPart({ title, groups, more }: Section): Part {
  return { title: `<b>${htmlEscaped(title)}</b>`, items: groups.map(groupHtml), more }
}

function groupHtml({ workload, lines, more, command, hint }: Group): string {
  return [
    `• <code>${htmlEscaped(workload)}</code>`,
    ...lines.map(
      ({ before, image, after }) =>
        `    ${htmlEscaped(before)}<code>${htmlEscaped(image)}</code>${htmlEscaped(after)}`,
    ),
    ...(more === 0 ? [] : [`    +${more} more containers`]),
    ...(command === undefined ? [] : [`<pre>${htmlEscaped(command)}</pre>`]),
    ...(hint === undefined ? [] : [`    <i>${htmlEscaped(hint)}</i>`]),
  ].join('\n')
}

/** The message as plain text. */
export function plainText({ subject, sections }: Message): string {
  return [subject, ...sections.map(sectionText)].join('\n\n')
}

function sectionText({ title, groups, more }: Section): string {
  return [title, ...groups.map(groupText), ...(more === 0 ? [] : [`+${more} more`])].join('\n')
}

function groupText({ workload, lines, more, command, hint }: Group): string {
  return [
    `* ${workload}`,
    ...lines.map(({ before, image, after }) => `    ${before}${image}${after}`),
    ...(more === 0 ? [] : [`    +${more} more containers`]),
    ...(command === undefined ? [] : [`    $ ${command}`]),
    ...(hint === undefined ? [] : [`    ${hint}`]),
  ].join('\n')
}
