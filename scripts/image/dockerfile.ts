import {
  Copy,
  DockerfileParser,
  From,
  JSONInstruction,
  PropertyInstruction,
  type Instruction,
} from 'dockerfile-ast'

/** One step of a stage. */
export type Step =
  | { readonly kind: 'workdir'; readonly path: string }
  | { readonly kind: 'run'; readonly command: string }
  | {
      readonly kind: 'copy'
      /** The stage that it is taken from; undefined: the folder of the sources. */
      readonly from: string | undefined
      readonly sources: readonly string[]
      readonly destination: string
    }
  | { readonly kind: 'environment' | 'labels'; readonly pairs: Readonly<Record<string, string>> }
  | { readonly kind: 'user'; readonly name: string }
  | { readonly kind: 'ports'; readonly ports: readonly string[] }
  | { readonly kind: 'entrypoint' | 'command'; readonly words: readonly string[] }

/** A stage: the image that it begins with, and what is done to it. */
export interface Stage {
  readonly name: string | undefined
  readonly base: string
  readonly steps: readonly Step[]
}

/**
 * The stages of a Dockerfile. `values` are those of its ARGs, which are the empty text where they are not given.
 * @throws Error that names the line of an instruction that is not carried out here.
 */
export function stagesOf(text: string, values: Readonly<Record<string, string>> = {}): readonly Stage[] {
  const stages: { name: string | undefined; base: string; steps: Step[] }[] = []
  for (const instruction of DockerfileParser.parse(text).getInstructions()) {
    if (instruction instanceof From) {
      const name = instruction.getBuildStage() ?? undefined
      stages.push({ name, base: instruction.getImage() ?? '', steps: [] })
      continue
    }
    stages.at(-1)?.steps.push(...stepsOf(instruction, values))
  }
  return stages
}

type Values = Readonly<Record<string, string>>

function stepsOf(instruction: Instruction, values: Values): readonly Step[] {
  const words = instruction.getArguments().map(argument => argument.getValue())
  const read = readers[instruction.getKeyword()]
  if (read === undefined) throw unknown(instruction, 'is not carried out here; add it to scripts/image')
  return read(instruction, { words, values })
}

interface Given {
  readonly words: readonly string[]
  readonly values: Values
}

const readers: Readonly<Record<string, (instruction: Instruction, given: Given) => readonly Step[]>> = {
  ARG: () => [],
  WORKDIR: (_, { words: [path = ''] }) => [{ kind: 'workdir', path }],
  RUN: instruction => [{ kind: 'run', command: instruction.getArgumentsContent() ?? '' }],
  COPY: (instruction, { words }) => [copyOf(instruction, words)],
  ENV: (instruction, { values }) => [{ kind: 'environment', pairs: pairsOf(instruction, values) }],
  LABEL: (instruction, { values }) => [{ kind: 'labels', pairs: pairsOf(instruction, values) }],
  USER: (_, { words: [name = ''] }) => [{ kind: 'user', name }],
  EXPOSE: (_, { words }) => [
    { kind: 'ports', ports: words.map(port => (port.includes('/') ? port : `${port}/tcp`)) },
  ],
  ENTRYPOINT: instruction => [{ kind: 'entrypoint', words: listOf(instruction) }],
  CMD: instruction => [{ kind: 'command', words: listOf(instruction) }],
}

function unknown(instruction: Instruction, why: string): Error {
  const line = instruction.getRange().start.line + 1
  return new Error(`Dockerfile, line ${line}: ${instruction.getKeyword()} ${why}`)
}

function copyOf(instruction: Instruction, words: readonly string[]): Step {
  if (!(instruction instanceof Copy)) throw unknown(instruction, 'is no COPY')
  const from = instruction.getFromFlag()?.getValue() ?? undefined
  return { kind: 'copy', from, sources: words.slice(0, -1), destination: words.at(-1) ?? '' }
}

function pairsOf(instruction: Instruction, values: Values): Readonly<Record<string, string>> {
  if (!(instruction instanceof PropertyInstruction)) throw unknown(instruction, 'has no pairs')
  return Object.fromEntries(
    instruction
      .getProperties()
      .map(property => [property.getName(), expanded(property.getValue() ?? '', values)]),
  )
}

function expanded(text: string, values: Values): string {
  return text.replace(/\$\{?(\w+)\}?/g, (_, name: string) => values[name] ?? '')
}

// The form without brackets runs a shell, which the image has not.
function listOf(instruction: Instruction): readonly string[] {
  if (!(instruction instanceof JSONInstruction) || instruction.getOpeningBracket() === null)
    throw unknown(instruction, 'is no list of words in brackets')
  return instruction.getJSONStrings().map(word => word.getJSONValue())
}
