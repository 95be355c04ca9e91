import { signSealReceipt } from '../../../licence-format/index.ts'
import type { Dependencies } from '../../dependencies.ts'
import { SealError } from '../../errors.ts'
import { findReceipt, findSealedUse, keepReceipt } from '../../store/use-receipts.ts'

/**
 * The signed receipt of a use (`seal-use-receipt+jwt`): what was sealed, with which seal, by whom, when, digests before and after, by which
 * authorisation. Signed from the record when it is first asked for, and the same ever after. `mayRead`: whether the asker may see uses of
 * this owner's seals, or of this department's callers. Throws `SEAL_USE_NOT_FOUND`, also for what the asker may not see;
 * `SEAL_RECEIPTS_UNAVAILABLE` where no key signs them.
 */
export async function receiptOfUse(
  deps: Dependencies,
  useId: string,
  mayRead: (departmentCode: string) => Promise<boolean>,
): Promise<string> {
  const use = await findSealedUse(deps.database, useId)
  if (use === undefined || !((await mayRead(use.ownerCode)) || (await mayRead(use.callerDepartment))))
    throw new SealError('SEAL_USE_NOT_FOUND', `there is no use ${useId} for you, or it sealed nothing`)
  const kept = await findReceipt(deps.database, useId)
  if (kept !== undefined) return kept
  if (deps.receiptSigner === undefined)
    throw new SealError('SEAL_RECEIPTS_UNAVAILABLE', 'no key signs receipts in this installation')
  const at = deps.clock.now()
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')
  const receipt = await signSealReceipt(
    {
      format: 'zhengyin-seal-use-receipt',
      version: 1,
      issuedAt: at.toISOString(),
      use: use.useId,
      seal: { id: use.sealId, name: use.sealName, departmentCode: use.ownerCode },
      caller: { id: use.callerId, departmentCode: use.callerDepartment },
      authorisation: use.authorisationId,
      identifier: use.identifier,
      purpose: use.purpose,
      digestBefore: hex(use.unsignedDigest),
      digestAfter: hex(use.signedDigest),
      sealedAt: use.at.toISOString(),
    },
    await deps.receiptSigner(),
  )
  return keepReceipt(deps.database, useId, receipt, at)
}
