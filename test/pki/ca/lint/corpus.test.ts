import { describe, expect, it } from 'vitest'
import { asn1, ca, type PkiError, primitives, x509 } from '../../../../pki/index.ts'
import { openCorpus } from '../../../support/corpora.ts'

/** What each of their findings is called here. */
const ours: Readonly<Record<string, ca.LintCode>> = {
  'itu.invalid_asn1_syntax/extensions': 'extension-malformed',
  'itu.invalid_asn1_syntax/signature': 'algorithm-parameters-wrong',
  'itu.invalid_asn1_syntax/subjectPublicKeyInfo/SubjectPublicKeyParametersDecodingValidator':
    'algorithm-parameters-wrong',
  'itu.invalid_asn1_syntax/subjectPublicKeyInfo/SubjectPublicKeyDecodingValidator': 'key-malformed',
  'pkix.authority_key_identifier_extension_absent': 'authority-key-identifier-absent',
  'pkix.ca_certificate_no_ku_extension': 'key-usage-absent-in-ca',
  'pkix.certificate_crldp_extension_critical': 'extension-should-not-be-critical',
  'pkix.certificate_name_constraints_extension_not_critical': 'extension-must-be-critical',
  'pkix.certificate_negative_validity_period': 'validity-negative',
  'pkix.certificate_policies_policy_has_qualifier': 'policy-qualifier-present',
  'pkix.certificate_serial_number_out_of_range': 'serial-number-out-of-range',
  'pkix.certificate_skid_end_entity_missing': 'subject-key-identifier-absent',
  'pkix.certificate_version_is_not_v3': 'version-not-3',
  'pkix.distribution_point_does_not_contain_name_or_issuer': 'distribution-point-empty',
  'pkix.dnsname_domain_name_too_long': 'domain-name-too-long',
  'pkix.end_entity_policy_mappings_extension_present': 'extension-for-ca-only',
  'pkix.hash_mldsa_ca_key_prohibited': 'key-algorithm-not-for-ca',
  'pkix.invalid_email_address_syntax': 'general-name-malformed',
  'pkix.issuer_alt_name_extension_critical': 'extension-should-not-be-critical',
  'pkix.key_usage_value_prohibited_for_ec': 'key-usage-not-for-key',
  'pkix.key_usage_value_prohibited_for_edwards_curve': 'key-usage-not-for-key',
  'pkix.key_usage_value_prohibited_for_hash_mldsa': 'key-usage-not-for-key',
  'pkix.key_usage_value_prohibited_for_mldsa': 'key-usage-not-for-key',
  'pkix.key_usage_value_prohibited_for_mlkem': 'key-usage-not-for-key',
  'pkix.public_key_algorithm_unsupported': 'key-algorithm-unknown',
  'pkix.public_key_nist_ipd_algorithm_present': 'key-algorithm-obsolete',
  'pkix.public_key_nist_round3_algorithm_present': 'key-algorithm-obsolete',
  'pkix.rfc822name_domain_part_too_long': 'domain-name-too-long',
  'pkix.san_extension_is_critical_non_empty_subject': 'extension-should-not-be-critical',
  'pkix.san_extension_not_critical_empty_subject': 'extension-must-be-critical',
  'pkix.sct_list_empty': 'transparency-list-empty',
  'pkix.smtp_utf8_mailbox_domain_part_invalid_syntax': 'mailbox-domain-not-ascii',
  'pkix.subject_email_address_not_in_san': 'subject-email-not-in-alternative-names',
  'pkix.uri_domain_name_too_long': 'domain-name-too-long',
  'cabf.serverauth.invalid_dnsname_syntax': 'general-name-malformed',
  'etsi.extensions_field_absent': 'extensions-absent',
  'etsi.en_319_412_1.leg-5.1.6-03.eidas_legal_person_identifier_too_long': 'legal-identifier-syntax',
  'etsi.en_319_412_1.leg-5.1.6-03.eidas_legal_person_identifier_whitespace_present': 'legal-identifier-syntax',
  'etsi.en_319_412_2.authority_info_access_extension_absent': 'legal-extension-absent',
  'etsi.en_319_412_2.certificate_policies_extension_absent': 'legal-extension-absent',
  'etsi.en_319_412_2.gen-4.2.2-1.discouraged_signature_algorithm': 'signature-algorithm-discouraged',
  'etsi.en_319_412_2.gen-4.2.5-1.discouraged_public_key_type': 'key-discouraged',
  'etsi.en_319_412_2.gen-4.3.10-1.eku_extension_is_critical': 'legal-extension-critical',
  'etsi.en_319_412_2.gen-4.3.11-2.crldp_extension_missing': 'legal-crl-address-absent',
  'etsi.en_319_412_2.gen-4.3.11-4.http_or_ldap_crldp_distribution_point_uri_missing': 'legal-crl-address-scheme',
  'etsi.en_319_412_2.gen-4.3.11-5.crl_extension_is_critical': 'legal-extension-critical',
  'etsi.en_319_412_2.gen-4.3.3-1.critical_certificate_policies_extension': 'legal-policies-critical',
  'etsi.en_319_412_2.gen-4.3.5-1.san_extension_is_critical': 'legal-extension-critical',
  'etsi.en_319_412_2.gen-4.3.6-1.ian_extension_is_critical': 'legal-extension-critical',
  'etsi.en_319_412_2.gen-4.4.1-3.ca_issuers_aia_access_method_absent': 'legal-issuer-address-absent',
  'etsi.en_319_412_2.gen-4.4.1-4.ca_issuers_aia_access_method_http_uri_missing': 'legal-issuer-address-scheme',
  'etsi.en_319_412_2.gen-4.4.1-6.ocsp_aia_access_method_http_uri_missing': 'legal-ocsp-address-scheme',
  'etsi.en_319_412_2.gen-4.4.1-8.ocsp_aia_access_method_absent': 'legal-ocsp-address-absent',
  'etsi.en_319_412_2.nat-4.3.2-1.mixed_key_usage_setting': 'legal-key-usage-mixed',
  'etsi.en_319_412_3.leg-4.2.1-2.common_name_attribute_absent': 'legal-subject-attribute-absent',
  'etsi.en_319_412_3.leg-4.2.1-2.organization_identifier_attribute_absent': 'legal-subject-attribute-absent',
  'etsi.en_319_412_3.leg-4.2.1-3.prohibited_duplicate_attribute_present': 'legal-subject-attribute-repeated',
  'etsi.en_319_412_3.leg-4.2.1-4.unknown_country_code': 'legal-country-unknown',
  'ts_119_312.6.2.2.1.rsa_exponent_of_range': 'key-discouraged',
  'ts_119_312.8.4.rsa_small_modulus': 'key-discouraged',
}

/** What is not looked for, and why (docs/known-issues.md): other kinds of certificates, or what a linter says of itself. */
const notLookedFor: readonly RegExp[] = [
  /^pkix\.(subject_key_identifier_.*_identified|unknown_subject_key_identifier_calculation_method)$/, // any octets identify a key
  /^pkix\.(ldap_uri_not_validated|aki_absent_self_issued_and_unsupported_algorithm)$/, // says what was not checked
  /^pkix\.certificate_signature_algorithm_mismatch$/, // not in what is to be signed; parseCertificate refuses it
  /^cabf\.|^etsi\.en_319_412_4\.|^etsi\.internal_domain_name$/, // certificates of web sites
  /^etsi\.en_319_412_5\.|\.qcs-5\.2-2\.|\.qc_statements_extension_absent$/, // statements of EU-qualified certificates
  /^etsi\.nat_/, // natural persons
]

interface Vector {
  readonly name: string
  readonly der: Uint8Array
  readonly expected: readonly ca.LintCode[]
  readonly mismatch: boolean
}

function parseVector(file: string, text: string): Vector {
  const rows = text
    .slice(text.indexOf('-----END CERTIFICATE-----'))
    .split('\n')
    .slice(1)
    .filter((row) => row.trim() !== '' && !row.startsWith('node_path'))
    .map((row) => row.split(','))
  const codes = rows.flatMap(([path, validator, , code]) => {
    const field = /^certificate\.tbsCertificate\.(\w+)/.exec(path!)?.[1]
    const known = ours[code!.trim()] ?? ours[`${code}/${field}`] ?? ours[`${code}/${field}/${validator}`]
    if (known !== undefined) return [known]
    if (notLookedFor.some((pattern) => pattern.test(code!.trim()))) return []
    throw new Error(`${file}: finding ${code} is not known`)
  })
  return {
    name: file.replace('.crttest', ''),
    der: x509.decodePem(text)[0]!,
    expected: [...new Set(codes)].sort(),
    mismatch: rows.some(([, , , code]) => code?.includes('signature_algorithm_mismatch')),
  }
}

/** Whether the certificate's own key signs it, as far as we know the algorithm: the CA that signs knows. */
async function isSelfSigned(der: Uint8Array): Promise<{ selfSigned?: boolean }> {
  try {
    const certificate = x509.parseCertificate(der)
    if (certificate.issuer.matchKey !== certificate.subject.matchKey) return { selfSigned: false }
    if (certificate.signatureAlgorithm.oid !== '1.3.101.112') return {}
    const scheme = { kind: 'ed25519', digest: 'SHA-512' } as const
    const { subjectPublicKeyInfo, tbs, signature } = certificate
    return { selfSigned: await primitives.verify(scheme, subjectPublicKeyInfo, tbs, signature) }
  } catch {
    return {}
  }
}

const corpus = openCorpus('x509-lint-pkilint')
const files = corpus?.json<{ cases: { file: string }[] }>('index.json').cases.map(({ file }) => file) ?? []
const vectors = files.map((file) => parseVector(file, new TextDecoder().decode(corpus!.read(file))))

describe('lint against the findings of pkilint', () => {
  it.skipIf(corpus === undefined).each(vectors)('$name: $expected', async ({ name, der, expected }) => {
    const tbs = asn1.parseDer(der).children[0]!.raw
    const profile = name.startsWith('etsi') ? 'legal-person' : 'pkix'
    const found = ca.lint(tbs, { profile, ...(await isSelfSigned(der)) })
    expect([...new Set(found.map(({ code }) => code))].sort()).toEqual(expected)
  })
})

describe('parseCertificate on the certificates of pkilint', () => {
  it.skipIf(corpus === undefined).each(vectors)('$name: read or refused with a code', ({ der, mismatch }) => {
    let refusal: unknown
    try {
      x509.parseCertificate(der)
    } catch (error) {
      refusal = error
    }
    if (mismatch) expect(refusal).toBeDefined()
    if (refusal !== undefined) expect((refusal as PkiError).code).toBe('CERTIFICATE_MALFORMED')
  })
})

describe('lint on the certificates of NIST PKITS', () => {
  /** The faults that the suite put in on purpose. All other certificates of it are sound. */
  const faults: Readonly<Record<string, ca.LintCode>> = {
    'InvalidNegativeSerialNumberTest15EE.crt': 'serial-number-out-of-range',
    'Invalidpre2000UTCEEnotAfterDateTest7EE.crt': 'time-encoding-wrong',
    'ValidGeneralizedTimenotBeforeDateTest4EE.crt': 'time-encoding-wrong',
    'MissingbasicConstraintsCACert.crt': 'key-cert-sign-without-ca',
    'basicConstraintsCriticalcAFalseCACert.crt': 'key-cert-sign-without-ca',
    'basicConstraintsNotCriticalcAFalseCACert.crt': 'key-cert-sign-without-ca',
    'UIDCACert.crt': 'unique-identifier-present',
    'ValidNameUIDsTest6EE.crt': 'unique-identifier-present',
    'basicConstraintsNotCriticalCACert.crt': 'extension-must-be-critical',
    'keyUsageCriticalkeyCertSignFalseCACert.crt': 'ca-without-key-cert-sign',
    'keyUsageNotCriticalkeyCertSignFalseCACert.crt': 'ca-without-key-cert-sign',
  }
  const pkits = openCorpus('x509-pkits')
  const cases = pkits?.json<{ cases: { cert: string; other_certs: string[] }[] }>('index.json').cases ?? []
  const names = [...new Set(cases.flatMap(({ cert, other_certs }) => [cert, ...other_certs]))]

  it.skipIf(pkits === undefined)('finds the faults that are there, and none besides', () => {
    const found = names.flatMap((name) => {
      const errors = ca
        .lint(asn1.parseDer(pkits!.read(`certs/${name}`)).children[0]!.raw)
        .filter(({ severity }) => severity === 'error')
      return errors.map(({ code }) => [name, code] as const)
    })
    expect(names.length).toBeGreaterThan(130)
    expect(Object.fromEntries(found)).toEqual(faults)
    expect(found).toHaveLength(Object.keys(faults).length)
  })
})
