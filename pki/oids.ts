/**
 * Every object identifier once, under its name in the standard that defines it.
 * The arc 1.3.6.1.4.1.99999 is not registered: it serves the demonstration PKI, and an operator replaces it by an arc of its own.
 */
export const OID = {
  // PKCS #1, RFC 8017
  rsaEncryption: '1.2.840.113549.1.1.1',
  sha1WithRSAEncryption: '1.2.840.113549.1.1.5',
  mgf1: '1.2.840.113549.1.1.8',
  rsassaPss: '1.2.840.113549.1.1.10',
  sha256WithRSAEncryption: '1.2.840.113549.1.1.11',
  sha384WithRSAEncryption: '1.2.840.113549.1.1.12',
  sha512WithRSAEncryption: '1.2.840.113549.1.1.13',
  sha224WithRSAEncryption: '1.2.840.113549.1.1.14',
  // DSA, RFC 3279, RFC 5758
  dsa: '1.2.840.10040.4.1',
  dsaWithSHA1: '1.2.840.10040.4.3',
  dsaWithSHA224: '2.16.840.1.101.3.4.3.1',
  dsaWithSHA256: '2.16.840.1.101.3.4.3.2',
  // SHA-3 in signatures, RFC 8702 and NIST CSOR
  ecdsaWithSHA3_224: '2.16.840.1.101.3.4.3.9',
  ecdsaWithSHA3_256: '2.16.840.1.101.3.4.3.10',
  ecdsaWithSHA3_384: '2.16.840.1.101.3.4.3.11',
  ecdsaWithSHA3_512: '2.16.840.1.101.3.4.3.12',
  rsaWithSHA3_224: '2.16.840.1.101.3.4.3.13',
  rsaWithSHA3_256: '2.16.840.1.101.3.4.3.14',
  rsaWithSHA3_384: '2.16.840.1.101.3.4.3.15',
  rsaWithSHA3_512: '2.16.840.1.101.3.4.3.16',
  // ANSI X9.62, RFC 5758
  ecdsaWithSHA224: '1.2.840.10045.4.3.1',
  ecPublicKey: '1.2.840.10045.2.1',
  ecdsaWithSHA1: '1.2.840.10045.4.1',
  ecdsaWithSHA256: '1.2.840.10045.4.3.2',
  ecdsaWithSHA384: '1.2.840.10045.4.3.3',
  ecdsaWithSHA512: '1.2.840.10045.4.3.4',
  prime256v1: '1.2.840.10045.3.1.7',
  secp384r1: '1.3.132.0.34',
  secp521r1: '1.3.132.0.35',
  // RFC 8410
  ed25519: '1.3.101.112',
  // SM2, SM3: GM/T 0006
  sm2Curve: '1.2.156.10197.1.301',
  /** "SM2 signature" without its digest, as CMS of GB/T 35275 names it */
  sm2Sign: '1.2.156.10197.1.301.1',
  sm3: '1.2.156.10197.1.401',
  sm2WithSm3: '1.2.156.10197.1.501',
  // GB/T 35275 (GM/T 0010): content types of their own
  gmData: '1.2.156.10197.6.1.4.2.1',
  gmSignedData: '1.2.156.10197.6.1.4.2.2',
  // digests
  sha1: '1.3.14.3.2.26',
  sha256: '2.16.840.1.101.3.4.2.1',
  sha384: '2.16.840.1.101.3.4.2.2',
  sha512: '2.16.840.1.101.3.4.2.3',
  // CMS, RFC 5652; ESS, RFC 5035
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  countersignature: '1.2.840.113549.1.9.6',
  cmsAlgorithmProtection: '1.2.840.113549.1.9.52',
  signingCertificate: '1.2.840.113549.1.9.16.2.12',
  timeStampToken: '1.2.840.113549.1.9.16.2.14',
  signaturePolicyId: '1.2.840.113549.1.9.16.2.15',
  contentTimeStamp: '1.2.840.113549.1.9.16.2.20',
  revocationInfoArchival: '1.2.840.113583.1.1.8',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  // PKCS #9, RFC 2985
  extensionRequest: '1.2.840.113549.1.9.14',
  // RFC 3161
  tstInfo: '1.2.840.113549.1.9.16.1.4',
  // names, X.520
  commonName: '2.5.4.3',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  countryName: '2.5.4.6',
  localityName: '2.5.4.7',
  stateOrProvinceName: '2.5.4.8',
  streetAddress: '2.5.4.9',
  organizationName: '2.5.4.10',
  organizationalUnitName: '2.5.4.11',
  title: '2.5.4.12',
  givenName: '2.5.4.42',
  organizationIdentifier: '2.5.4.97',
  emailAddress: '1.2.840.113549.1.9.1',
  domainComponent: '0.9.2342.19200300.100.1.25',
  // certificate and CRL extensions, RFC 5280
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  privateKeyUsagePeriod: '2.5.29.16',
  subjectAltName: '2.5.29.17',
  issuerAltName: '2.5.29.18',
  basicConstraints: '2.5.29.19',
  cRLNumber: '2.5.29.20',
  reasonCode: '2.5.29.21',
  invalidityDate: '2.5.29.24',
  deltaCRLIndicator: '2.5.29.27',
  issuingDistributionPoint: '2.5.29.28',
  certificateIssuer: '2.5.29.29',
  nameConstraints: '2.5.29.30',
  cRLDistributionPoints: '2.5.29.31',
  certificatePolicies: '2.5.29.32',
  policyMappings: '2.5.29.33',
  authorityKeyIdentifier: '2.5.29.35',
  policyConstraints: '2.5.29.36',
  extKeyUsage: '2.5.29.37',
  freshestCRL: '2.5.29.46',
  inhibitAnyPolicy: '2.5.29.54',
  // X.509 (10/2012) §8.5.2.12
  expiredCertsOnCRL: '2.5.29.60',
  authorityInfoAccess: '1.3.6.1.5.5.7.1.1',
  caIssuers: '1.3.6.1.5.5.7.48.2',
  ocsp: '1.3.6.1.5.5.7.48.1',
  cps: '1.3.6.1.5.5.7.2.1',
  // OCSP, RFC 6960
  ocspBasic: '1.3.6.1.5.5.7.48.1.1',
  ocspNonce: '1.3.6.1.5.5.7.48.1.2',
  ocspNoCheck: '1.3.6.1.5.5.7.48.1.5',
  ocspArchiveCutoff: '1.3.6.1.5.5.7.48.1.6',
  /**
   * Organisation code of GB/T 20518 (GM/T 0015), where Chinese CAs write the unified social credit code since GB 32100 made one number of
   * organisation code, registration number and tax number.
   */
  organizationCode: '1.2.156.10260.4.1.4',
  // certificate policies
  anyPolicy: '2.5.29.32.0',
  sealCertificatePolicy: '1.3.6.1.4.1.99999.36901.1.1',
  // extended key usages
  anyExtendedKeyUsage: '2.5.29.37.0',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  ocspSigning: '1.3.6.1.5.5.7.3.9',
  statusListSigning: '1.3.6.1.4.1.99999.36901.3.1',
  trustListSigning: '1.3.6.1.4.1.99999.36901.3.2',
  statementSigning: '1.3.6.1.4.1.99999.36901.3.3',
  sealMaking: '1.3.6.1.4.1.99999.36901.3.4',
  receiptSigning: '1.3.6.1.4.1.99999.36901.3.5',
  ledgerSigning: '1.3.6.1.4.1.99999.36901.3.6',
  // policies
  timeStampPolicy: '1.3.6.1.4.1.99999.36901.4.1',
} as const
