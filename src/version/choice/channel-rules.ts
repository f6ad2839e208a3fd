import type { ImageRepository } from '../scheme/images.ts'
import { isInChannel } from '../support/channel.ts'
import type { SupportTable, SupportTables } from '../support/support-tables.ts'
import type { OfferRule } from './offer-rule.ts'

/** The rules of repositories: what a channel leaves out depends on the product and the day. */
export interface ChannelRules {
  /**
   * The rule for a repository at an instant (epoch milliseconds), the same object until long-term support of a line of its product
   * begins: choices are remembered by it. A rule without a channel is itself.
   */
  ruleFor(rule: OfferRule, repository: ImageRepository, now: number): OfferRule
}

/** A rule for a product while nothing begins. */
interface Bound {
  readonly from: number
  readonly until: number
  readonly rule: OfferRule
}

/** Creates the rules for the products of some tables. */
export function createChannelRules(tables: SupportTables): ChannelRules {
  const bound = new WeakMap<OfferRule, Map<SupportTable | undefined, Bound>>()
  return {
    ruleFor(rule, repository, now) {
      if (rule.channel === undefined) return rule
      const table = tables.of(repository)
      const byTable = bound.get(rule) ?? new Map<SupportTable | undefined, Bound>()
      const known = byTable.get(table)
      if (known !== undefined && known.from <= now && now < known.until) return known.rule
      const made = bind(rule, table, now)
      bound.set(rule, byTable.set(table, made))
      return made.rule
    },
  }
}

function bind(rule: OfferRule, table: SupportTable | undefined, now: number): Bound {
  const { channel } = rule
  const turns = channel === 'lts' ? (table?.turns ?? []) : []
  const from = turns.findLast(turn => turn <= now) ?? Number.NEGATIVE_INFINITY
  const until = turns.find(turn => turn > now) ?? Number.POSITIVE_INFINITY
  if (channel === undefined) return { from, until, rule }
  return {
    from,
    until,
    rule: { ...rule, inChannel: version => isInChannel(version, channel, { table, now }) },
  }
}
