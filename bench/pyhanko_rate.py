"""pyhanko_rate.py LEVEL TRUST_FOLDER FILE...: pyHanko's rate of validating signed PDFs in one process, one JSON line for each line read from
stdin.

Each line read is a number of seconds to run. The answer holds calls, elapsed seconds and whether every document was valid. At B-B its own
validation by the CRLs of the folder, at B-LT validation with time (EN 319 102-1 5.5) by what the document brings along.
"""
import asyncio
import glob
import io
import json
import logging
import sys
import time
from datetime import timedelta

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.ades import ades_with_time_validation
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec, SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import OCSPContainer

logging.disable(logging.CRITICAL)
level, folder, files = sys.argv[1], sys.argv[2], sys.argv[3:]


def der(path):
    data = open(path, 'rb').read()
    return pem.unarmor(data)[2] if pem.detect(data) else data


roots = [x509.Certificate.load(der(path)) for path in glob.glob(folder + '/*.pem')]
crls = [crl.CertificateList.load(der(path)) for path in glob.glob(folder + '/*.crl')]
documents = [open(path, 'rb').read() for path in files]
trust = CertValidationPolicySpec(
    trust_manager=SimpleTrustManager.build(roots),
    revinfo_policy=CertRevTrustPolicy(
        revocation_checking_policy=REQUIRE_REVINFO, freshness=timedelta(days=36500),
        freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
    ),
)
offline = RevocationInfoGatheringSpec(online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY)


def validate_basic(document):
    signature = PdfFileReader(io.BytesIO(document)).embedded_signatures[0]
    context = ValidationContext(trust_roots=roots, crls=crls, allow_fetching=False, revocation_mode='hard-fail')
    return validate_pdf_signature(signature, context).bottom_line


def validate_long_term(document):
    reader = PdfFileReader(io.BytesIO(document))
    dss = DocumentSecurityStore.read_dss(reader)
    answers = [ocsp.OCSPResponse.load(item.get_object().data) for item in dss.ocsps]
    known = LocalKnowledge(
        known_ocsps=[one for answer in answers for one in OCSPContainer.load_multi(answer)],
        known_certs=list(dss.load_certs()),
    )
    spec = SignatureValidationSpec(
        cert_validation_policy=trust, revinfo_gathering_policy=offline, local_knowledge=known,
    )
    signature = reader.embedded_regular_signatures[0]
    signature.compute_integrity_info()
    result = loop.run_until_complete(ades_with_time_validation(
        signature.signed_data, spec, raw_digest=signature.compute_digest(),
        extra_status_kwargs=signature.summarise_integrity_info(), status_cls=PdfSignatureStatus,
    ))
    return result.ades_subindic == AdESPassed.OK


loop = asyncio.new_event_loop()
validate = validate_long_term if level == 'B-LT' else validate_basic

for line in sys.stdin:
    seconds, calls, valid = float(line), 0, True
    start = time.perf_counter()
    while calls == 0 or time.perf_counter() - start < seconds:
        valid = validate(documents[calls % len(documents)]) and valid
        calls += 1
    print(json.dumps({'calls': calls, 'seconds': time.perf_counter() - start, 'valid': valid}), flush=True)
