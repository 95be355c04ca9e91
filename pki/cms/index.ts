export { type CmsSigner, type CompileOptions, compileSigner } from './compile-signer.ts'
export {
  findArchivedRevocationData,
  findContentTimeStamps,
  findSignaturePolicy,
  type SignedRevocationData,
} from './foreign-attributes.ts'
export {
  compileGmSigner,
  GM_SUB_FILTER,
  type GmDialect,
  type GmSignerParts,
  parseGmSignedData,
  verifyGmSignedData,
} from './gm-signed-data.ts'
export type { Attribute } from './signed-attributes.ts'
export {
  type CmsReading,
  parseSignedData,
  type SignedData,
  type SignerIdentifier,
  type SignerInfo,
} from './signed-data.ts'
export type { SignerParts } from './signer-template.ts'
export {
  type CmsReason,
  findNamedSigners,
  findSignatureTimeStamps,
  type SignedContent,
  type SignerVerification,
  verifySignedData,
} from './verify-signed-data.ts'
