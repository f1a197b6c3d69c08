# SPDX-License-Identifier: Apache-2.0
"""The committed vectors of sealed values are what the independent script prints."""

import pathlib
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parent.parent


def test_bind_01_bind_10_the_sealed_vectors_are_those_of_the_independent_script():
    printed = subprocess.run(
        [sys.executable, TESTS / "sealed-vectors"], capture_output=True, text=True, check=True
    )
    committed = TESTS / "ClientAttestationTests" / "Vectors" / "SealedVectors.swift"
    assert printed.stdout == committed.read_text()
