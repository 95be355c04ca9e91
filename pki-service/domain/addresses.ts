/** What a certificate says about its issuer's files and responder. */
export interface IssuerAddresses {
  readonly crlUrl: string
  readonly caIssuersUrl: string
  /** Absent for a responder: nobody asks it about itself (id-pkix-ocsp-nocheck). */
  readonly ocspUrl?: string
}

/**
 * Addresses below the installation's own, always over plain HTTP, at its usual port where the pages use TLS: what is fetched is signed, and
 * whoever checks one certificate must not have to check another for that (RFC 5280 §8, EN 319 412-2 §4.4).
 */
export function addressesOf(baseUrl: string, issuer: string, profile: string, shard = 0): IssuerAddresses {
  const origin = plainOrigin(baseUrl)
  return {
    crlUrl: crlUrl(baseUrl, issuer, shard),
    caIssuersUrl: `${origin}/pki/ca/${issuer}.cer`,
    ...(profile !== 'ocsp-responder' && { ocspUrl: `${origin}/pki/ocsp` }),
  }
}

/** The address of an authority's list: the complete one, or the shard that stands in a certificate's distribution point. */
export function crlUrl(baseUrl: string, issuer: string, shard: number): string {
  return `${plainOrigin(baseUrl)}/pki/crl/${issuer}${shard === 0 ? '' : `.${shard}`}.crl`
}

function plainOrigin(baseUrl: string): string {
  const { protocol, hostname, host } = new URL(baseUrl)
  return protocol === 'https:' ? `http://${hostname}` : `http://${host}`
}
