import { runCommand } from '../../src/cli/index.ts'
import type { ControlPlane } from './control-plane.ts'

/** What a command of ours said, and its exit code. */
interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** Runs `patchline certs --patch` on a cluster, as an administrator does; `options` come after. */
export async function certsPatch({ kubeconfig }: ControlPlane, ...options: readonly string[]): Promise<Said> {
  let out = ''
  let err = ''
  const code = await runCommand(['certs', '--patch', '--kubeconfig', kubeconfig, ...options], {
    environment: {},
    out: text => void (out += text),
    err: text => void (err += text),
    readFile: () => '',
  })
  return { code, out, err }
}
