"""Each proof can fail: with one place of the RTL changed it finds a counterexample."""

from pathlib import Path

import pytest

from tests.formal import prove
from tests.formal.proofs import PROOFS, Mutation, Proof

CASES = [(proof, mutation) for proof in PROOFS for mutation in proof.mutations]


MUTATIONS = [mutation for _, mutation in CASES]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda m: f"{Path(m.file).stem}: {m.what}")
def test_the_place_to_change_is_there(mutation: Mutation) -> None:
    prove.mutated(mutation)


def test_each_module_under_proof_has_mutations() -> None:
    assert {proof.top for proof in PROOFS} == {proof.top for proof, _ in CASES}


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("proof", "mutation"), CASES, ids=[f"{proof.name}: {mutation.what}" for proof, mutation in CASES]
)
def test_broken_rtl_has_a_counterexample(proof: Proof, mutation: Mutation) -> None:
    assert prove.tools_are_there(), "yosys is not set up: make formal does it"
    prove.provide_solver()
    number = proof.mutations.index(mutation)
    result = prove.prove(proof, mutation, prove.OUT / "mutations" / f"{proof.name}-{number}")
    assert result.status == "counterexample", f"{proof.name} with '{mutation.what}': {result.status} {result.detail}"


@pytest.mark.nightly
@pytest.mark.parametrize("proof", PROOFS, ids=lambda proof: proof.name)
def test_proof_holds(proof: Proof) -> None:
    assert prove.tools_are_there(), "yosys is not set up: make formal does it"
    prove.provide_solver()
    result = prove.prove(proof, folder=prove.OUT / "nightly" / proof.name)
    assert result.status == "proven", result.detail
