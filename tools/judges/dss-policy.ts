// Our validation policy in EU DSS's words: DSS's own policy, with what ours demands put in its place.
import { describePolicy, type PolicyDemands, type PolicyFile } from '../../verifier/index.ts'

const digestNames: Readonly<Record<string, string>> = {
  'SHA-1': 'SHA1',
  'SHA-224': 'SHA224',
  'SHA-256': 'SHA256',
  'SHA-384': 'SHA384',
  'SHA-512': 'SHA512',
  'SHA3-224': 'SHA3-224',
  'SHA3-256': 'SHA3-256',
  'SHA3-384': 'SHA3-384',
  'SHA3-512': 'SHA3-512',
}

/**
 * `own`: the text of DSS's policy (`policy/constraint.xml` of dss-policy-jaxb). Two of our demands DSS cannot be told: that answers inside a
 * document are no older than its stamp while those from outside may be (its RevocationFreshness asks one thing of both), and SM2 with SM3.
 */
export function toDssPolicy(own: string, policy: PolicyDemands): string {
  const file = describePolicy(policy)
  let xml = replaceElement(own, 'Cryptographic Level="FAIL"', 'Cryptographic', cryptographic(file))
  for (const name of ['DocMDP', 'FieldMDP', 'SigFieldLock', 'UndefinedChanges', 'Coherence'])
    xml = xml.replaceAll(new RegExp(`<${name} Level="\\w+" />`, 'g'), `<${name} Level="FAIL" />`)
  for (const name of ['RevocationDataAvailable', 'AcceptableRevocationDataFound']) {
    const level = file.revocation === 'required' ? 'FAIL' : 'IGNORE'
    xml = xml.replaceAll(new RegExp(`<${name} Level="\\w+" />`, 'g'), `<${name} Level="${level}" />`)
  }
  if (file.signaturePolicies === 'required')
    xml = xml.replace('<PolicyAvailable Level="INFORM" />', '<PolicyAvailable Level="FAIL" />')
  if (file.minimumLevel === null) return xml
  const levels = ['B-T', 'B-LT', 'B-LTA']
  const wanted = levels
    .slice(levels.indexOf(file.minimumLevel))
    .map((level) => `<Id>PAdES-BASELINE-${level.slice(2)}</Id>`)
  return replaceElement(
    xml,
    'AcceptableFormats Level="FAIL"',
    'AcceptableFormats',
    `<AcceptableFormats Level="FAIL">${wanted.join('')}</AcceptableFormats>`,
  )
}

function replaceElement(xml: string, opening: string, name: string, by: string): string {
  const from = xml.indexOf(`<${opening}>`)
  const end = `</${name}>`
  const to = xml.indexOf(end, from)
  if (from < 0 || to < 0) throw new TypeError(`EU DSS's policy has no ${name}`)
  return xml.slice(0, from) + by + xml.slice(to + end.length)
}

function cryptographic({ algorithms }: PolicyFile): string {
  const digests = Object.entries(algorithms.digests).flatMap(([name, term]) => {
    const theirs = digestNames[name]
    return theirs === undefined ? [] : [[theirs, term] as const]
  })
  const keys = [
    ...['RSA', 'RSASSA-PSS'].map((name) => [name, Object.entries(algorithms.keys.rsa)] as const),
    ['ECDSA', Object.entries(algorithms.keys.ec)] as const,
  ]
  const dateOf = (term: string | null) => (term === null ? '' : ` Date="${term}"`)
  return [
    '<Cryptographic Level="FAIL">',
    `<AcceptableEncryptionAlgo>${keys.map(([name]) => `<Algo>${name}</Algo>`).join('')}</AcceptableEncryptionAlgo>`,
    `<MiniPublicKeySize>${keys
      .map(([name, terms]) => `<Algo Size="${Math.min(...terms.map(([bits]) => Number(bits)))}">${name}</Algo>`)
      .join('')}</MiniPublicKeySize>`,
    `<AcceptableDigestAlgo>${digests.map(([name]) => `<Algo>${name}</Algo>`).join('')}</AcceptableDigestAlgo>`,
    '<AlgoExpirationDate Level="FAIL" Format="yyyy-MM-dd">',
    ...digests.map(([name, term]) => `<Algo${dateOf(term)}>${name}</Algo>`),
    ...keys.flatMap(([name, terms]) =>
      terms.map(([bits, term]) => `<Algo${dateOf(term)} Size="${bits}">${name}</Algo>`),
    ),
    '</AlgoExpirationDate>',
    '</Cryptographic>',
  ].join('\n')
}
