import type { Shape } from './project.ts'

/** The shape that reads what any of these reads. */
export function mergeShapes([first = nothing, ...others]: readonly Shape[]): Shape {
  return others.reduce(merged, first)
}

const nothing: Shape = { members: {} }

function merged(one: Shape, other: Shape): Shape {
  if (one === 'whole' || other === 'whole') return 'whole'
  if ('items' in one) return 'items' in other ? { items: merged(one.items, other.items) } : 'whole'
  if ('items' in other) return 'whole'
  const members = new Map(Object.entries(one.members))
  for (const [name, shape] of Object.entries(other.members)) {
    const known = members.get(name)
    members.set(name, known === undefined ? shape : merged(known, shape))
  }
  return { members: Object.fromEntries(members) }
}
