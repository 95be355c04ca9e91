import { defaultDemands, describePolicy, type PolicyDemands, parsePolicy, VerifierError } from '../verifier/index.ts'
import { readCallerFile } from './caller-path.ts'
import { CommandError } from './errors.ts'

/** What the policy file that the caller named demands; nothing besides the default where none is named. Throws POLICY_REFUSED. */
export async function readPolicyFile(path: string | undefined): Promise<PolicyDemands> {
  if (path === undefined) return {}
  const text = (await readCallerFile(path)).toString('utf8')
  try {
    return requireOwnName(parsePolicy(text), path)
  } catch (cause) {
    if (!(cause instanceof VerifierError)) throw cause
    throw new CommandError('POLICY_REFUSED', `${path}: ${cause.message}`, { cause })
  }
}

/** Reports call a policy by its name: that of the default is for what demands the same. */
function requireOwnName(policy: PolicyDemands, path: string): PolicyDemands {
  const { id, ...demands } = policy
  if (id !== defaultDemands.id || describePolicy(demands).id === id) return policy
  throw new CommandError('POLICY_REFUSED', `${path}: /id: ${id} is the default's name, and this demands something else`)
}
