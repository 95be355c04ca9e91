import { PkiError, x509 } from '../../pki/index.ts'
import type { Workshop } from '../dependencies.ts'
import { isTestName } from '../domain/outside-certificate.ts'
import { SealError } from '../errors.ts'
import { endAuthority, insertAuthority, listAuthorities } from '../store/authorities.ts'

const refuse = (why: string, cause?: unknown) =>
  new SealError('SEAL_AUTHORITY_REFUSED', why, cause === undefined ? {} : { cause })

/**
 * Trusts an authority outside: seals may lead to it from now on, and its certificate (DER) becomes a trust anchor of this installation.
 * False when it is trusted already. Throws `SEAL_AUTHORITY_REFUSED`.
 */
export async function trustAuthority(shop: Workshop, certificate: Uint8Array, callerId: string): Promise<boolean> {
  const parsed = parse(certificate)
  if (parsed.basicConstraints?.cA !== true || parsed.keyUsage?.has('keyCertSign') === false)
    throw refuse('this is no certificate of an authority')
  const now = shop.clock.now()
  if (now < parsed.notBefore || now >= parsed.notAfter) throw refuse('its certificate is not valid now')
  if (shop.production === true && isTestName(parsed.subject.text))
    throw refuse('an authority whose name says TEST is not trusted in production')
  const isNew = await shop.database.transaction((tx) => insertAuthority(tx, certificate, callerId, now))
  await shop.outside.refresh()
  return isNew
}

/**
 * Ends trust in an authority: what leads to it is believed no longer, by this installation and whoever takes its trust folder. False when
 * it is not trusted. Throws `SEAL_AUTHORITY_REFUSED` for what is no certificate.
 */
export async function distrustAuthority(shop: Workshop, certificate: Uint8Array, callerId: string): Promise<boolean> {
  parse(certificate)
  const isEnded = await endAuthority(shop.database, certificate, callerId, shop.clock.now())
  await shop.outside.refresh()
  return isEnded
}

/** The anchors as an import needs them: read now, not as they were last time. */
export async function readAnchors({ database }: Workshop): Promise<x509.Certificate[]> {
  return (await listAuthorities(database)).map(x509.parseCertificate)
}

function parse(certificate: Uint8Array): x509.Certificate {
  try {
    return x509.parseCertificate(certificate)
  } catch (cause) {
    if (cause instanceof PkiError) throw refuse('this is no certificate that is read here', cause)
    throw cause
  }
}
