import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { stagesOf } from '../../../scripts/image/dockerfile.ts'

/** How Node runs in the image, as the manifest of the webhook starts it. */
export interface ImageCommand {
  readonly nodeFlags: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** The limit on the container's memory, in bytes. */
  readonly memoryLimit: number
}

/** Reads it from the Dockerfile and the manifests. */
export function imageCommand(root: string): ImageCommand {
  const steps = stagesOf(readFileSync(join(root, 'Dockerfile'), 'utf8')).at(-1)?.steps ?? []
  const manifest = readFileSync(join(root, 'manifests/deployment.yaml'), 'utf8')
  const container = parse(manifest).spec.template.spec.containers[0]
  const options: string = container.env.find(({ name }: { name: string }) => name === 'NODE_OPTIONS').value
  const words = steps.flatMap(step => (step.kind === 'entrypoint' ? step.words : []))
  const pairs = steps.flatMap(step => (step.kind === 'environment' ? Object.entries(step.pairs) : []))
  return {
    nodeFlags: [...options.split(' '), ...words.filter(word => word.startsWith('--'))],
    environment: Object.fromEntries(pairs),
    memoryLimit: Number(/^(\d+)Mi$/.exec(container.resources.limits.memory)?.[1]) * 1024 * 1024,
  }
}
