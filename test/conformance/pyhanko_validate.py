"""Judges sealed PDFs with pyHanko: pyhanko_validate.py TRUST_FOLDER FILE... prints one JSON line a file."""
import glob
import json
import logging
import sys

from asn1crypto import crl, pem, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

logging.disable(logging.CRITICAL)
folder, files = sys.argv[1], sys.argv[2:]


def der(path):
    data = open(path, 'rb').read()
    return pem.unarmor(data)[2] if pem.detect(data) else data


roots = [x509.Certificate.load(der(path)) for path in glob.glob(folder + '/*.pem')]
crls = [crl.CertificateList.load(der(path)) for path in glob.glob(folder + '/*.crl')]
for path in files:
    with open(path, 'rb') as document:
        signature = PdfFileReader(document).embedded_signatures[0]
        context = ValidationContext(trust_roots=roots, crls=crls, allow_fetching=False, revocation_mode='hard-fail')
        status = validate_pdf_signature(signature, context)
        print(json.dumps({
            'file': path, 'bottomLine': status.bottom_line, 'intact': status.intact, 'valid': status.valid,
            'trusted': status.trusted, 'coverage': status.coverage.name, 'docMdpOk': status.docmdp_ok,
        }))
