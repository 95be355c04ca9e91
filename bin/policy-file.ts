import { type PolicyDemands, parsePolicy, VerifierError } from '../verifier/index.ts'
import { readCallerFile } from './caller-path.ts'
import { CommandError } from './errors.ts'

/** What the policy file that the caller named demands; nothing besides the default where none is named. Throws POLICY_REFUSED. */
export async function readPolicyFile(path: string | undefined): Promise<PolicyDemands> {
  if (path === undefined) return {}
  const text = (await readCallerFile(path)).toString('utf8')
  try {
    return parsePolicy(text)
  } catch (cause) {
    if (!(cause instanceof VerifierError)) throw cause
    throw new CommandError('POLICY_REFUSED', `${path}: ${cause.message}`, { cause })
  }
}
