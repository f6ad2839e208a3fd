import { judgeRound } from './evaluate-reference.ts'
import { type Evaluation, notCheckedYet, unknown } from './evaluation.ts'
import type { DigestCatalog, KnownDigest, WantedDigest } from './ports.ts'
import type { Lacking, Snapshot } from './proof.ts'
import { choiceOf, firstRound, type Missing, type MissingDigests, type MissingTags } from './round.ts'
import { TagSourceError } from './tag-source.ts'
import { stillProving, whyNot, withheldIn } from './withheld.ts'

/**
 * The evaluation of an image once what memory lacks has come, or what may be told without it when the budget is spent. One wait for
 * the whole of it: what goes on behind it fills the catalogs for the next one who asks.
 */
export async function lookUpMissing(missing: Missing): Promise<Evaluation> {
  const { subject, wanted } = missing.missing === 'tags' ? missing : missing.round
  const { timeLimit, catalog } = subject.ports
  const settled = await timeLimit.wait(judgedWith(missing), subject.request.budget)
  if (settled !== undefined) return settled
  const known = catalog.known({ ...wanted, late: true })
  if (known === undefined) return notCheckedYet(subject.image, subject.reference)
  const round = firstRound(subject, wanted, known)
  return withheldIn(round, choiceOf(round), stillProving)
}

async function judgedWith(missing: Missing): Promise<Evaluation> {
  const outcome = missing.missing === 'tags' ? await withTags(missing) : missing
  return 'missing' in outcome ? withDigests(outcome) : outcome
}

async function withTags({ subject, wanted }: MissingTags): Promise<Evaluation | MissingDigests> {
  try {
    return judgeRound(firstRound(subject, wanted, await subject.ports.catalog.lookUp(wanted)))
  } catch (error) {
    if (!(error instanceof TagSourceError)) throw error
    return unknown(subject.image, subject.reference, whyNot(error, subject.request.access))
  }
}

// Each time one digest more is known, and the rounds are bounded.
async function withDigests(missing: MissingDigests): Promise<Evaluation> {
  const answers = createAnswers(missing.catalog)
  let outcome: Evaluation | MissingDigests = missing
  while ('missing' in outcome) {
    await answers.ask(outcome)
    outcome = judgeRound({ ...outcome.round, answers })
  }
  return outcome
}

type Answer = KnownDigest | TagSourceError

/** What was answered while one image is judged, else what memory knows. */
interface Answers extends Snapshot {
  /** Asks for what is lacking, each once, and waits for the last of it. Rejects as the catalog does, but for TagSourceErrors. */
  ask(lacking: Lacking): Promise<void>
}

/** Wraps a catalog: each digest is asked for once, and what was answered counts before what memory holds. */
export function createAnswers(digests: DigestCatalog): Answers {
  const answered = new Map<string, Answer>()
  const asked = new Map<string, Promise<void>>()
  const askOnce = (wanted: WantedDigest): Promise<void> => {
    const key = keyOf(wanted)
    const answer = asked.get(key) ?? answerOf(wanted, digests).then(got => void answered.set(key, got))
    asked.set(key, answer)
    return answer
  }
  return {
    knownDigest: wanted => answered.get(keyOf(wanted)) ?? digests.knownDigest(wanted),
    async ask(lacking) {
      const all = lacking.digests.map(askOnce)
      for (const one of all) one.catch(() => undefined) // only the last is awaited here; the others must not count as unhandled
      await all.at(-1)
    },
  }
}

// All of one repository, and for one who asks.
function keyOf({ tag, told = false, platforms = false }: WantedDigest): string {
  return `${tag} ${told} ${platforms}`
}

async function answerOf(wanted: WantedDigest, digests: DigestCatalog): Promise<Answer> {
  try {
    return await digests.digest(wanted)
  } catch (error) {
    if (error instanceof TagSourceError) return error
    throw error
  }
}
