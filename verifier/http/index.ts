/**
 * The verifier's HTTP door: POST /api/verifications takes a PDF or the text of a QR code and answers with the report, always 200,
 * whatever the verdict. No login; throttled by address; nothing of what was sent is kept or logged.
 */
export { VerifierError, type VerifierErrorCode } from './errors.ts'
export { verifierProblems } from './problems.ts'
export { createVerifierRoutes, type VerifierRoutesOptions } from './routes.ts'
export { createTrustMaterialRoutes, type TrustMaterialSource } from './trust-material.ts'
