"""pyhanko_rate.py TRUST_FOLDER FILE...: pyHanko's rate of validating signed PDFs in one process, one JSON line for each line read from stdin.

Each line read is a number of seconds to run. The answer holds calls, elapsed seconds and whether every document was valid.
"""
import glob
import io
import json
import logging
import sys
import time

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
documents = [open(path, 'rb').read() for path in files]


def validate(document):
    signature = PdfFileReader(io.BytesIO(document)).embedded_signatures[0]
    context = ValidationContext(trust_roots=roots, crls=crls, allow_fetching=False, revocation_mode='hard-fail')
    return validate_pdf_signature(signature, context).bottom_line


for line in sys.stdin:
    seconds, calls, valid = float(line), 0, True
    start = time.perf_counter()
    while calls == 0 or time.perf_counter() - start < seconds:
        valid = validate(documents[calls % len(documents)]) and valid
        calls += 1
    print(json.dumps({'calls': calls, 'seconds': time.perf_counter() - start, 'valid': valid}), flush=True)
