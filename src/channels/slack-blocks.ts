import { shorten } from '../text/index.ts'
import type { Entry, Message, Section } from './message.ts'
import { pack, type Part } from './pack.ts'

/** What an incoming webhook of Slack takes: a text for notifications, and blocks. */
export interface SlackMessage {
  readonly text: string
  readonly blocks: readonly SlackBlock[]
  readonly unfurl_links: false
  readonly unfurl_media: false
}

type SlackBlock =
  | { readonly type: 'header'; readonly text: { readonly type: 'plain_text'; readonly text: string } }
  | {
      readonly type: 'section'
      /** Verbatim: else Slack makes links of `@here`, `#general` and addresses that stand in names. */
      readonly text: { readonly type: 'mrkdwn'; readonly text: string; readonly verbatim: true }
    }

// docs.slack.dev: 50 blocks, 150 characters in a header, 3000 in a section. Messages whose blocks hold some 11,000
// characters together have been refused (msg_blocks_too_long), which is documented nowhere.
const mostBlocks = 50
const longestHeader = 150
const longestSection = 3_000
const longestTogether = 10_000

/** The message with Slack's marks, shortened to what Slack takes; what is left out is counted. */
export function slackMessageOf({ subject, sections, totals }: Message): SlackMessage {
  const title = shorten(subject, longestHeader)
  const text = plain(subject)
  const last = totals === undefined ? [] : [{ title: plain(totals), items: [], more: 0 }]
  const texts = pack([], [...sections.map(partOf), ...last], {
    chunk: longestSection,
    chunks: mostBlocks - 1,
    together: longestTogether - title.length - text.length,
    apart: true,
  })
  const blocks = texts.map((part): SlackBlock => ({
    type: 'section',
    text: { type: 'mrkdwn', text: part, verbatim: true },
  }))
  return {
    text,
    blocks: [{ type: 'header', text: { type: 'plain_text', text: title } }, ...blocks],
    unfurl_links: false,
    unfurl_media: false,
  }
}

function partOf({ title, entries, more }: Section): Part {
  return { title: `*${title}*`, items: entries.map(entryText), more }
}

function entryText({ image, after, page, places, command, hints }: Entry): string {
  // An address of ours: it is made of a known host and the characters of a repository and a tag.
  const link = page === undefined ? '' : ` (<${escaped(page)}|tags>)`
  return [
    `• ${code(image)}${plain(after)}${link}`,
    ...places.map(place => `    ${plain(place)}`),
    // No command holds a backtick: it is made of names that Kubernetes takes, and of references.
    ...(command === undefined ? [] : [`\`\`\`${escaped(command)}\`\`\``]),
    ...hints.map(hint => `    _${plain(hint)}_`),
  ].join('\n')
}

/** Slack's rule: these three characters, and nothing else, are escaped. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

// There is no way to write a backtick: one in a name would begin or end code.
function plain(text: string): string {
  return escaped(text).replaceAll('`', "'")
}

function code(text: string): string {
  return `\`${plain(text)}\``
}
