import {
  contextTag,
  type DerElement,
  malformed,
  readOid,
  readSequence,
  readSmallInteger,
  readString,
  TAG,
} from '../../asn1/index.ts'
import { OID } from '../../oids.ts'
import { checkUriString } from './general-names.ts'
import type { Report } from './rules.ts'

const ANY_POLICY = '2.5.29.32.0'
const USER_NOTICE = '1.3.6.1.5.5.7.2.2'

/** certificatePolicies (RFC 5280 §4.2.1.4). */
export function checkPolicies(value: DerElement, report: Report): void {
  const seen = new Set<string>()
  for (const information of readSequence(value, 'certificatePolicies', 1)) {
    const [identifier, qualifiers] = readSequence(information, 'PolicyInformation', 1, 2)
    const policy = readOid(identifier, 'policyIdentifier')
    if (seen.has(policy)) report('policy-repeated', policy)
    seen.add(policy)
    if (qualifiers === undefined) continue
    report('policy-qualifier-present', policy)
    for (const qualifier of readSequence(qualifiers, 'policyQualifiers', 1)) checkQualifier(qualifier, policy, report)
  }
}

function checkQualifier(qualifier: DerElement, policy: string, report: Report): void {
  const [id, content] = readSequence(qualifier, 'PolicyQualifierInfo', 2, 2)
  const kind = readOid(id, 'policyQualifierId')
  if (kind === OID.cps) checkUriString(content!, 'CPSuri', report)
  else if (kind === USER_NOTICE) checkUserNotice(content!, policy, report)
  else if (policy === ANY_POLICY) report('policy-qualifier-wrong', policy)
}

/** UserNotice: text in UTF-8, which RFC 5280 and RFC 6818 both take, without a reference to notices elsewhere. */
function checkUserNotice(notice: DerElement, policy: string, report: Report): void {
  for (const field of readSequence(notice, 'UserNotice', 0, 2)) {
    if (field.tag === TAG.sequence) report('user-notice-discouraged', policy)
    else {
      const text = readString(field, 'explicitText')
      if (field.tag !== TAG.utf8String || [...text].length > 200) report('user-notice-encoding', policy)
      if (text !== text.normalize('NFC') || /\p{Cc}/u.test(text)) report('user-notice-discouraged', policy)
    }
  }
}

/** policyMappings (RFC 5280 §4.2.1.5). */
export function checkPolicyMappings(value: DerElement, report: Report): void {
  for (const mapping of readSequence(value, 'policyMappings', 1)) {
    const policies = readSequence(mapping, 'policyMapping', 2, 2).map((oid) => readOid(oid, 'policyMapping'))
    if (policies.includes(ANY_POLICY)) report('policy-mapping-of-any-policy', OID.policyMappings)
  }
}

/** policyConstraints (RFC 5280 §4.2.1.11). */
export function checkPolicyConstraints(value: DerElement, report: Report): void {
  const fields = readSequence(value, 'policyConstraints', 0, 2)
  if (fields.length === 0) report('policy-constraints-empty', OID.policyConstraints)
  for (const field of fields) {
    if (field.tag !== contextTag(0, false) && field.tag !== contextTag(1, false))
      throw malformed(field.start, 'policyConstraints: unexpected field')
    readSmallInteger(field, 'policyConstraints', field.tag)
  }
}
