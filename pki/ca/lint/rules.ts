/** `error`: a "shall" is broken, and nothing is signed. `warning`: a "should". `notice`: allowed, yet better known. */
export type LintSeverity = 'error' | 'warning' | 'notice'

type Rule = readonly [severity: LintSeverity, clause: string]

/** Every fault this room looks for, once: how bad it is and who says so. */
export const rules = {
  // the certificate's own fields
  'structure-malformed': ['error', 'RFC 5280 §4.1'],
  'version-not-3': ['error', 'RFC 5280 §4.1.2.1'],
  'serial-number-out-of-range': ['error', 'RFC 5280 §4.1.2.2'],
  'algorithm-parameters-wrong': ['error', 'RFC 5280 §4.1.1.2'],
  'signature-algorithm-discouraged': ['notice', 'ETSI TS 119 312 §6'],
  'time-malformed': ['error', 'RFC 5280 §4.1.2.5'],
  'time-encoding-wrong': ['error', 'RFC 5280 §4.1.2.5'],
  'validity-negative': ['error', 'RFC 5280 §4.1.2.5'],
  'unique-identifier-present': ['error', 'RFC 5280 §4.1.2.8'],
  'issuer-empty': ['error', 'RFC 5280 §4.1.2.4'],
  'subject-empty': ['error', 'RFC 5280 §4.1.2.6'],
  'subject-email-not-in-alternative-names': ['error', 'RFC 5280 §4.1.2.6'],
  'name-malformed': ['error', 'RFC 5280 §4.1.2.4'],
  'name-value-malformed': ['error', 'RFC 5280 Appendix A.1'],
  'name-value-too-long': ['error', 'RFC 5280 Appendix A.1'],
  'name-encoding-legacy': ['warning', 'RFC 5280 §4.1.2.4'],
  // the key
  'key-malformed': ['error', 'RFC 5280 §4.1.2.7'],
  'key-algorithm-unknown': ['notice', 'RFC 5280 §4.2.1.3'],
  'key-algorithm-obsolete': ['error', 'RFC 9881'],
  'key-algorithm-not-for-ca': ['error', 'RFC 9881 §8'],
  'key-discouraged': ['notice', 'ETSI TS 119 312 §6, §8'],
  // extensions
  'extensions-absent': ['error', 'EN 319 412-2 §4.3'],
  'extension-repeated': ['error', 'RFC 5280 §4.2'],
  'extension-malformed': ['error', 'RFC 5280 §4.2'],
  'extension-must-be-critical': ['error', 'RFC 5280 §4.2.1, §4.2.2'],
  'extension-must-not-be-critical': ['error', 'RFC 5280 §4.2.1, §4.2.2'],
  'extension-should-be-critical': ['warning', 'RFC 5280 §4.2.1'],
  'extension-should-not-be-critical': ['warning', 'RFC 5280 §4.2.1'],
  'extension-for-ca-only': ['error', 'RFC 5280 §4.2.1'],
  'authority-key-identifier-absent': ['error', 'RFC 5280 §4.2.1.1'],
  'authority-key-identifier-incomplete': ['error', 'RFC 5280 §4.2.1.1'],
  'subject-key-identifier-absent-in-ca': ['error', 'RFC 5280 §4.2.1.2'],
  'subject-key-identifier-absent': ['warning', 'RFC 5280 §4.2.1.2'],
  'key-usage-absent-in-ca': ['error', 'RFC 5280 §4.2.1.3'],
  'key-usage-empty': ['error', 'RFC 5280 §4.2.1.3'],
  'key-usage-not-for-key': ['error', 'RFC 3279, RFC 4055 §1.2, RFC 8813 §3, RFC 9295 §3, RFC 9881, RFC 9935'],
  'key-usage-contradictory': ['error', 'RFC 5280 §4.2.1.3'],
  'key-cert-sign-without-ca': ['error', 'RFC 5280 §4.2.1.3'],
  'ca-without-key-cert-sign': ['error', 'RFC 5280 §4.2.1.3'],
  'path-length-without-ca': ['error', 'RFC 5280 §4.2.1.9'],
  'policy-repeated': ['error', 'RFC 5280 §4.2.1.4'],
  'policy-qualifier-present': ['notice', 'RFC 5280 §4.2.1.4'],
  'policy-qualifier-wrong': ['error', 'RFC 5280 §4.2.1.4'],
  'user-notice-encoding': ['error', 'RFC 5280 §4.2.1.4, RFC 6818 §3'],
  'user-notice-discouraged': ['warning', 'RFC 5280 §4.2.1.4'],
  'policy-mapping-of-any-policy': ['error', 'RFC 5280 §4.2.1.5'],
  'policy-constraints-empty': ['error', 'RFC 5280 §4.2.1.11'],
  'name-constraints-empty': ['error', 'RFC 5280 §4.2.1.10'],
  'name-constraints-distance': ['error', 'RFC 5280 §4.2.1.10'],
  'distribution-point-empty': ['error', 'RFC 5280 §4.2.1.13'],
  'general-name-malformed': ['error', 'RFC 5280 §4.2.1.6'],
  'domain-name-too-long': ['error', 'RFC 1034 §3.1'],
  'mailbox-domain-not-ascii': ['error', 'RFC 9598 §3'],
  'any-purpose-critical': ['warning', 'RFC 5280 §4.2.1.12'],
  'time-stamp-purpose': ['error', 'RFC 3161 §2.3'],
  'ocsp-no-check-without-purpose': ['error', 'RFC 6960 §4.2.2.2.1'],
  'qualified-statement-obsolete': ['error', 'RFC 3739 §3.2.6.1'],
  'transparency-list-empty': ['error', 'RFC 6962 §3.3'],
  // a legal person's certificate
  'legal-extension-absent': ['error', 'EN 319 412-2 §4.3, §4.4'],
  'legal-extension-prohibited': ['error', 'EN 319 412-2 §4.3.4, §4.3.8, §4.3.9, §4.3.12'],
  'legal-extension-critical': ['error', 'EN 319 412-2 §4.3.5, §4.3.6, §4.3.10, §4.3.11'],
  'legal-policies-critical': ['warning', 'EN 319 412-2 §4.3.3'],
  'legal-key-usage-setting': ['error', 'EN 319 412-2 §4.3.2 table 1'],
  'legal-key-usage-mixed': ['warning', 'EN 319 412-2 §4.3.2'],
  'legal-crl-address-absent': ['error', 'EN 319 412-2 GEN-4.3.11-2'],
  'legal-crl-address-scheme': ['error', 'EN 319 412-2 GEN-4.3.11-4'],
  'legal-issuer-address-absent': ['error', 'EN 319 412-2 GEN-4.4.1-3'],
  'legal-issuer-address-scheme': ['error', 'EN 319 412-2 GEN-4.4.1-4'],
  'legal-ocsp-address-absent': ['error', 'EN 319 412-2 GEN-4.4.1-8'],
  'legal-ocsp-address-scheme': ['error', 'EN 319 412-2 GEN-4.4.1-6'],
  'legal-subject-attribute-absent': ['error', 'EN 319 412-3 LEG-4.2.1-2'],
  'legal-subject-attribute-repeated': ['error', 'EN 319 412-3 LEG-4.2.1-3'],
  'legal-country-unknown': ['notice', 'EN 319 412-3 LEG-4.2.1-4'],
  'legal-identifier-is-name': ['error', 'EN 319 412-3 LEG-4.2.1-6'],
  'legal-identifier-syntax': ['error', 'EN 319 412-1 §5.1.4, §5.1.6'],
  // a CRL
  'crl-version-not-2': ['error', 'RFC 5280 §5.1.2.1'],
  'crl-next-update-absent': ['error', 'RFC 5280 §5.1.2.5'],
  'crl-list-empty': ['error', 'RFC 5280 §5.1.2.6'],
  'crl-number-absent': ['error', 'RFC 5280 §5.2.3'],
  'crl-number-out-of-range': ['error', 'RFC 5280 §5.2.3'],
  'crl-point-empty': ['error', 'RFC 5280 §5.2.5'],
  'crl-point-contradictory': ['error', 'RFC 5280 §5.2.5'],
  'crl-entry-repeated': ['error', 'RFC 5280 §5.3'],
  'crl-entry-in-future': ['warning', 'RFC 5280 §5.1.2.6'],
  'crl-reason-unspecified': ['warning', 'RFC 5280 §5.3.1'],
} as const satisfies Record<string, Rule>

export type LintCode = keyof typeof rules

export interface LintFinding {
  readonly code: LintCode
  readonly severity: LintSeverity
  readonly clause: string
  /** which extension, attribute or field; never a value from a name */
  readonly where: string
}

export type Report = (code: LintCode, where: string) => void

/** Collects what checks report; the same fault in the same place once. */
export function collectFindings(check: (report: Report) => void): LintFinding[] {
  const found = new Map<string, LintFinding>()
  check((code, where) => {
    const [severity, clause] = rules[code]
    found.set(`${code} ${where}`, { code, severity, clause, where })
  })
  return [...found.values()]
}
