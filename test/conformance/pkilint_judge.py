"""Lints with pkilint: pkilint_judge.py KIND=FILE... (KIND: pkix, legal, crl, ocsp); prints one JSON line a file with its findings."""
import contextlib
import csv
import io
import json
import sys

from pkilint.bin import lint_crl, lint_etsi_cert, lint_ocsp_response, lint_pkix_cert

LINTERS = {
    'pkix': (lint_pkix_cert, []),
    'legal': (lint_etsi_cert, ['-t', 'NCP-LEGAL-PERSON-CERTIFICATE']),
    'crl': (lint_crl, ['-t', 'CRL', '-p', 'PKIX']),
    'ocsp': (lint_ocsp_response, []),
}

for argument in sys.argv[1:]:
    kind, path = argument.split('=', 1)
    linter, options = LINTERS[kind]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        linter.main(['lint', *options, '-s', 'NOTICE', '-f', 'CSV', path])
    rows = list(csv.DictReader(io.StringIO(printed.getvalue().strip())))
    print(json.dumps({'file': path, 'kind': kind, 'findings': [f"{row['severity']} {row['code']}" for row in rows]}))
