"""Judges PDFs with pyHanko by the algorithms of ETSI EN 319 102-1, offline.

Reads requests from standard input, one a line, fields separated by tabs: FILE TRUST_FOLDER TIME (ISO 8601, or "now"), and
prints one line of JSON for each, with every signature in the order of the document. The newest document time stamp is judged
at that time, each older one at the time of the next, the signatures at the time of the oldest: basic validation (5.3) without
a signature time stamp, validation with time (5.5) with one.
"""
import asyncio
import dataclasses
import glob
import json
import logging
import sys
from datetime import datetime, timedelta, timezone

from asn1crypto import crl, ocsp, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.validation.ades import (
    ades_basic_validation, ades_timestamp_validation, ades_with_time_validation,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.policy_decl import (
    LocalKnowledge, RevinfoOnlineFetchingRule, RevocationInfoGatheringSpec, SignatureValidationSpec,
)
from pyhanko.sign.validation.status import PdfSignatureStatus
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy, FreshnessReqType
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer, OCSPContainer

logging.disable(logging.CRITICAL)


def der(path):
    data = open(path, 'rb').read()
    return pem.unarmor(data)[2] if pem.detect(data) else data


def load(folder, ending, kind):
    return [kind.load(der(path)) for path in sorted(glob.glob(folder + '/*' + ending))]


def known_to(reader):
    """What the document itself brings along."""
    try:
        dss = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        return LocalKnowledge()
    answers = [ocsp.OCSPResponse.load(item.get_object().data) for item in dss.ocsps]
    return LocalKnowledge(
        known_ocsps=[one for answer in answers for one in OCSPContainer.load_multi(answer)],
        known_crls=[CRLContainer(crl.CertificateList.load(item.get_object().data)) for item in dss.crls],
        known_certs=list(dss.load_certs()),
    )


def spec_of(folder, known):
    crls = [CRLContainer(item) for item in load(folder, '.crl', crl.CertificateList)]
    return SignatureValidationSpec(
        cert_validation_policy=CertValidationPolicySpec(
            trust_manager=SimpleTrustManager.build(load(folder, '.pem', x509.Certificate)),
            # Answers are kept for years: how old they are is not asked, as in EU DSS's own policy.
            revinfo_policy=CertRevTrustPolicy(
                revocation_checking_policy=REQUIRE_REVINFO, freshness=timedelta(days=36500),
                freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
            ),
        ),
        revinfo_gathering_policy=RevocationInfoGatheringSpec(
            online_fetching_rule=RevinfoOnlineFetchingRule.LOCAL_ONLY,
        ),
        local_knowledge=dataclasses.replace(known, known_crls=known.known_crls + crls),
    )


def timing_at(time):
    return ValidationTimingInfo(validation_time=time, best_signature_time=time, point_in_time_validation=True)


def passes(result):
    return result.ades_subindic == AdESPassed.OK


async def judge_signature(signature, spec, time):
    signature.compute_integrity_info()
    integrity = signature.summarise_integrity_info()
    has_time_stamp = any(extract_tst_data_iter(signature.signer_info, signed=False))
    facts = {'timing_info': timing_at(time), 'raw_digest': signature.compute_digest()}
    if has_time_stamp:
        result = await ades_with_time_validation(
            signature.signed_data, spec, extra_status_kwargs=integrity, status_cls=PdfSignatureStatus, **facts,
        )
    else:
        result = await ades_basic_validation(signature.signed_data, spec, **facts)
    best = result.best_signature_time if has_time_stamp else time
    return {
        'field': signature.field_name,
        'indication': result.ades_subindic.status.name,
        'subIndication': None if passes(result) else result.ades_subindic.name,
        'time': best.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ'),
        'docMdpOk': integrity['docmdp_ok'],
        'failure': result.failure_msg,
    }


async def judge(file, folder, time):
    at = datetime.now(timezone.utc) if time == 'now' else datetime.fromisoformat(time.replace('Z', '+00:00'))
    with open(file, 'rb') as document:
        reader = PdfFileReader(document)
        spec = spec_of(folder, known_to(reader))
        for stamp in reversed(reader.embedded_timestamp_signatures):
            result = await ades_timestamp_validation(
                stamp.signed_data, spec, stamp.compute_digest, timing_info=timing_at(at),
            )
            # One that has aged proves nothing; what it covers is judged as if it were not there.
            if passes(result):
                at = stamp.signed_data['encap_content_info']['content'].parsed['gen_time'].native
        signatures = [await judge_signature(signature, spec, at) for signature in reader.embedded_regular_signatures]
    return {'file': file, 'signatures': signatures}


def answer(line):
    file, folder, time = line.rstrip('\n').split('\t')
    try:
        return asyncio.run(judge(file, folder, time))
    except Exception as fault:
        return {'file': file, 'fault': repr(fault)}


for request in sys.stdin:
    print(json.dumps(answer(request)), flush=True)
