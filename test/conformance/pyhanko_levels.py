"""Judges PDFs with pyHanko's long-term validation (ETSI EN 319 102-1, 5.6), offline.

Reads requests from standard input, one a line, fields separated by tabs: FILE TRUST_FOLDER TIME (ISO 8601, or "now"), and
prints one line of JSON for each, with every signature in the order of the document.
"""
import asyncio
import glob
import json
import logging
import sys
from datetime import datetime, timezone

from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge, PdfSignatureValidationSpec, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec,
    SignatureValidationSpec,
)
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

logging.disable(logging.CRITICAL)


def der(path):
    data = open(path, 'rb').read()
    return pem.unarmor(data)[2] if pem.detect(data) else data


def spec_of(folder):
    roots = [x509.Certificate.load(der(path)) for path in sorted(glob.glob(folder + '/*.pem'))]
    crls = [CRLContainer(crl.CertificateList.load(der(path))) for path in sorted(glob.glob(folder + '/*.crl'))]
    return PdfSignatureValidationSpec(signature_validation_spec=SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(roots),
            revinfo_policy=CertRevTrustPolicy(revocation_checking_policy=REQUIRE_REVINFO),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        ),
        local_knowledge=LocalKnowledge(known_crls=crls),
    ))


async def judge(file, folder, time):
    at = datetime.now(timezone.utc) if time == 'now' else datetime.fromisoformat(time.replace('Z', '+00:00'))
    timing = ValidationTimingInfo(
        validation_time=at, best_signature_time=at, point_in_time_validation=time != 'now',
    )
    signatures = []
    with open(file, 'rb') as document:
        for signature in PdfFileReader(document).embedded_regular_signatures:
            result = await ades_lta_validation(signature, spec_of(folder), timing_info=timing)
            status = result.api_status
            best = result.best_signature_time
            signatures.append({
                'field': signature.field_name,
                'indication': result.ades_subindic.status.name,
                'subIndication': getattr(result.ades_subindic, 'name', None),
                'time': best.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') if best else None,
                'docMdpOk': status.docmdp_ok if status else None,
                'modification': status.modification_level.name if status and status.modification_level else None,
                'failure': result.failure_msg,
            })
    return {'file': file, 'signatures': signatures}


def answer(line):
    file, folder, time = line.rstrip('\n').split('\t')
    try:
        return asyncio.run(judge(file, folder, time))
    except Exception as fault:
        return {'file': file, 'fault': repr(fault)}


for request in sys.stdin:
    print(json.dumps(answer(request)), flush=True)
