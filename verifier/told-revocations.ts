// Revocations that any data at hand told, by certificate: another path, or fewer data, forgets none of them (RFC 5280 §5.3.2).
import { crl, primitives, type x509 } from '../pki/index.ts'

type Entry = NonNullable<x509.RevocationStatus['entry']>
/** Certificates, and what is said of them, by place. */
type Judged = Pick<x509.PathResult, 'path' | 'revocation'>

export interface ToldRevocations {
  /** Keeps what is told of a path and of those who signed the answers about it, and gives the path back. */
  learn<T extends Judged>(judged: T): T
  /** The revocation of a certificate that begins first. */
  find(certificate: x509.Certificate): Entry | undefined
  /** A result with the revocations of its certificates as they are known by now. */
  recall(result: x509.PathResult): x509.PathResult
}

/** Of several revocations of one certificate that counts which begins first. */
export function createToldRevocations(): ToldRevocations {
  const told = new Map<string, Entry>()
  const tell = ({ raw }: x509.Certificate, entry: Entry): void => {
    const name = primitives.mapKey(raw)
    const known = told.get(name)
    if (known === undefined || crl.isEarlier(entry, known)) told.set(name, entry)
  }
  const find = ({ raw }: x509.Certificate) => (told.size > 0 ? told.get(primitives.mapKey(raw)) : undefined)
  const learn = <T extends Judged>(judged: T): T => {
    for (const [index, { entry, answer }] of judged.revocation.entries()) {
      if (entry !== undefined) tell(judged.path[index]!, entry)
      for (const { signer } of answer?.madeOf ?? []) learn(signer)
    }
    return judged
  }
  return {
    learn,
    find,
    recall: (result) => ({
      ...result,
      revocation: result.revocation.map((status, index) => ({
        ...status,
        entry: find(result.path[index]!) ?? status.entry,
      })),
    }),
  }
}
