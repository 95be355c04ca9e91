import type { Dependencies } from '../dependencies.ts'
import { listGenerations } from '../store/certificates.ts'
import type { OwnCertificates } from './own-certificates.ts'

/** So long an old key is kept, should the clock that made it old turn out to be wrong. */
const graceMs = 30 * 24 * 3_600_000

/**
 * Destroys the keys of signers whose successor has been in use for a month: a stamp or an answer in their name cannot be made any more,
 * while their certificates live on for those who verify (EN 319 421 §7.6.2). Answers the names.
 */
export async function retireKeys(deps: Dependencies, own: OwnCertificates): Promise<string[]> {
  const retired: string[] = []
  const now = deps.clock.now().getTime()
  const kept = new Set(deps.keyStore.list())
  for (const [name, current] of own) {
    const isSigner = current.profile === 'time-stamp' || current.profile === 'ocsp-responder'
    if (!isSigner || now - current.notBefore.getTime() < graceMs) continue
    for (const { ownName, notBefore } of await listGenerations(deps.database, name)) {
      const isOld = ownName !== null && ownName !== current.ownName && notBefore < current.notBefore
      if (!isOld || !kept.has(ownName)) continue
      await deps.keyStore.destroy(ownName, { by: 'pki-service', reason: 'its successor has been in use for a month' })
      deps.log?.info('a signer’s old key was destroyed', { keyName: ownName })
      retired.push(ownName)
    }
  }
  return retired
}
