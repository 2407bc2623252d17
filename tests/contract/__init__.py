"""Suites that several implementations have to pass."""

import pytest

pytest.register_assert_rewrite("tests.contract.replica_contract", "tests.contract.service_contract")
