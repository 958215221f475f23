"""Disputes: evidence by reason, submitted once, decided by the explanation, over in time."""

import io

import pytest
from issuing_desk import HELPERS

DISPUTES = "/v1/issuing/disputes"
DAY_H = 24
COMPLETE = {
    "canceled": {
        "canceled_at": 1,
        "cancellation_policy_provided": True,
        "cancellation_reason": "no",
        "expected_at": 2,
        "product_description": "a hat",
        "product_type": "merchandise",
        "return_status": "successful",
        "returned_at": 3,
    },
    "duplicate": {"original_transaction": "ipi_1"},
    "fraudulent": {},
    "merchandise_not_as_described": {
        "received_at": 1,
        "return_description": "broken",
        "return_status": "merchant_rejected",
        "returned_at": 2,
    },
    "no_valid_authorization": {},
    "not_received": {"expected_at": 1, "product_description": "a hat", "product_type": "merchandise"},
    "other": {"product_description": "a hat", "product_type": "service"},
    "service_not_as_described": {"canceled_at": 1, "cancellation_reason": "no", "received_at": 2},
}
MEMBERS = {
    "canceled": {*COMPLETE["canceled"]},
    "duplicate": {"card_statement", "cash_receipt", "check_image", "original_transaction"},
    "fraudulent": set(),
    "merchandise_not_as_described": {*COMPLETE["merchandise_not_as_described"]},
    "no_valid_authorization": set(),
    "not_received": {*COMPLETE["not_received"]},
    "other": {*COMPLETE["other"]},
    "service_not_as_described": {*COMPLETE["service_not_as_described"]},
}


def evidence(reason="fraudulent", explanation="It was not me.", **members):
    return {"reason": reason, reason: COMPLETE[reason] | {"explanation": explanation} | members}


def dispute(desk, transaction=None, **params):
    transaction = transaction or desk.bought(desk.card(), 1000)
    return desk.post(DISPUTES, transaction=transaction["id"], **{"evidence": evidence()} | params)


def submit(desk, made, **params):
    return desk.post(f"{DISPUTES}/{made['id']}/submit", **params)


def now(desk, made, **params):
    return desk.get(f"{DISPUTES}/{made['id']}", **params)


# --- made and changed -----------------------------------------------------------------------------------------------


def test_a_new_dispute(desk):
    capture = desk.bought(desk.card(), 1000)
    made = dispute(desk, capture, metadata={"case": "7"})
    assert (made["status"], made["amount"], made["currency"]) == ("unsubmitted", 1000, "usd")
    assert (made["transaction"], made["metadata"]) == (capture["id"], {"case": "7"})
    assert made["evidence"] == {
        "reason": "fraudulent",
        "fraudulent": {"additional_documentation": None, "explanation": "It was not me."},
    }
    assert not {"balance_transactions", "loss_reason"} & made.keys()
    assert desk.again(capture)["dispute"] == made["id"]
    assert desk.heard("issuing_dispute") == ["issuing_dispute.created"]
    updated = desk.events("issuing_transaction.updated")[0]
    assert updated["data"]["previous_attributes"] == {"dispute": None}


@pytest.mark.parametrize("reason", sorted(MEMBERS))
def test_evidence_has_the_hash_of_its_reason_alone(desk, reason):
    made = dispute(desk, evidence=evidence(reason))
    assert made["evidence"].keys() == {"reason", reason}
    assert made["evidence"][reason].keys() == MEMBERS[reason] | {"additional_documentation", "explanation"}


def test_evidence_is_merged_member_by_member(desk):
    made = dispute(desk, evidence=evidence("not_received"))
    path = f"{DISPUTES}/{made['id']}"
    changes = {"expected_at": "", "product_type": "service"}
    changed = desk.post(path, evidence={"not_received": changes})["evidence"]["not_received"]
    assert (changed["expected_at"], changed["product_type"], changed["product_description"]) == (
        None,
        "service",
        "a hat",
    )
    changed = desk.post(path, evidence={"reason": "other"})["evidence"]
    assert changed.keys() == {"reason", "other"}
    assert set(changed["other"].values()) == {None}
    assert desk.heard("issuing_dispute")[1:] == ["issuing_dispute.updated"] * 2


def test_evidence_files_have_their_purpose(desk):
    client = desk.bench.client(desk.key)
    good, bad = [
        client.v1.files.create({"purpose": purpose, "file": io.BytesIO(b"%PDF-1.4")}).id
        for purpose in ("dispute_evidence", "business_icon")
    ]
    given = evidence(additional_documentation=good)
    assert dispute(desk, evidence=given)["evidence"]["fraudulent"]["additional_documentation"] == good
    for file in (bad, "file_nope"):
        capture = desk.bought(desk.card(), 1000)
        error = desk.refused(DISPUTES, transaction=capture["id"], evidence=evidence(additional_documentation=file))
        assert error["param"] == "evidence[fraudulent][additional_documentation]"
        assert desk.again(capture)["dispute"] is None


def test_at_most_what_was_captured_and_not_refunded(desk):
    capture = desk.bought(desk.card(), 100)
    desk.post(f"{HELPERS}/transactions/{capture['id']}/refund", refund_amount=30)
    for amount in (71, 0, -1):
        assert desk.refused(DISPUTES, transaction=capture["id"], amount=amount)["param"] == "amount"
    made = dispute(desk, capture)
    assert made["amount"] == 70
    assert desk.post(f"{DISPUTES}/{made['id']}", amount=50)["amount"] == 50
    assert desk.refused(f"{DISPUTES}/{made['id']}", amount=71)["param"] == "amount"


def test_what_cannot_be_disputed(desk):
    capture = desk.bought(desk.card(), 100)
    refund = desk.post(f"{HELPERS}/transactions/{capture['id']}/refund", refund_amount=30)
    assert desk.refused(DISPUTES, transaction=refund["id"])["param"] == "transaction"
    assert desk.refused(DISPUTES)["code"] == "parameter_missing"
    assert desk.refused(DISPUTES, transaction="ipi_nope")["code"] == "resource_missing"
    assert desk.refused(DISPUTES, treasury={"received_debit": "rd_1"})["param"] == "treasury[received_debit]"
    dispute(desk, capture)
    assert "already" in desk.refused(DISPUTES, transaction=capture["id"])["message"]


def test_lists_filter(desk):
    capture = desk.bought(desk.card(), 100)
    first, second = dispute(desk, capture), dispute(desk)
    submit(desk, second)

    def listed(**filters):
        return [one["id"] for one in desk.get(DISPUTES, **filters)["data"]]

    assert listed() == [second["id"], first["id"]]
    assert listed(status="submitted") == [second["id"]]
    assert listed(transaction=capture["id"]) == [first["id"]]


# --- submitted ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", sorted(COMPLETE))
def test_complete_evidence_is_taken(desk, reason):
    made = submit(desk, dispute(desk, evidence=evidence(reason)), metadata={"by": "me"})
    assert (made["status"], made["metadata"]) == ("submitted", {"by": "me"})
    assert desk.heard("issuing_dispute")[-2:] == ["issuing_dispute.updated", "issuing_dispute.submitted"]


@pytest.mark.parametrize(
    ("reason", "name"), [(reason, name) for reason in sorted(COMPLETE) for name in ("explanation", *COMPLETE[reason])]
)
def test_every_member_that_is_needed_is_missed(desk, reason, name):
    made = dispute(desk, evidence=evidence(reason, **{name: ""}))
    error = desk.refused(f"{DISPUTES}/{made['id']}/submit")
    assert (error["code"], error["param"]) == ("parameter_missing", f"evidence[{reason}][{name}]")
    assert now(desk, made)["status"] == "unsubmitted"


def test_a_service_need_not_be_returned(desk):
    given = evidence("canceled", product_type="service", return_status="", returned_at="")
    assert submit(desk, dispute(desk, evidence=given))["status"] == "submitted"


def test_after_it_was_submitted_only_metadata_changes(desk):
    made = submit(desk, dispute(desk))
    path = f"{DISPUTES}/{made['id']}"
    assert "submitted" in desk.refused(path, amount=1)["message"]
    desk.refused(path, evidence=evidence())
    desk.refused(f"{path}/submit")
    assert desk.post(path, metadata={"a": "b"})["metadata"] == {"a": "b"}


# --- the end --------------------------------------------------------------------------------------------------------


def test_winning_evidence_wins(desk):
    made = submit(desk, dispute(desk, evidence=evidence(explanation="winning_evidence"), amount=600))
    assert made["status"] == "submitted"
    desk.bench.advance(seconds=3)
    won = now(desk, made, **{"expand[]": "balance_transactions"})
    assert won["status"] == "won"
    (entry,) = won["balance_transactions"]
    assert (entry["type"], entry["net"], entry["source"]) == ("issuing_dispute", 600, made["id"])
    assert "balance_transactions" not in now(desk, made)
    assert desk.balance() == 100_000_00 - 1000 + 600
    assert desk.heard("issuing_dispute") == [
        "issuing_dispute.created",
        "issuing_dispute.updated",
        "issuing_dispute.submitted",
        "issuing_dispute.closed",
        "issuing_dispute.funds_reinstated",
    ]


def test_losing_evidence_loses(desk):
    made = submit(desk, dispute(desk, evidence=evidence("not_received", "losing_evidence")))
    desk.bench.advance(seconds=3)
    lost = now(desk, made)
    assert (lost["status"], lost["loss_reason"]) == ("lost", "merchandise_delivered_or_shipped")
    assert desk.balance() == 100_000_00 - 1000
    assert desk.heard("issuing_dispute")[-1] == "issuing_dispute.closed"


@pytest.mark.parametrize(("status", "back"), [("won", 1000), ("lost", 0)])
def test_a_test_may_speak_for_the_network(desk, status, back):
    made = dispute(desk)
    path = f"{HELPERS}/disputes/{made['id']}/close"
    assert "unsubmitted" in desk.refused(path, status=status)["message"]
    submit(desk, made)
    assert desk.post(path, status=status)["status"] == status
    assert desk.balance() == 100_000_00 - 1000 + back
    assert status in desk.refused(path, status=status)["message"]


@pytest.mark.parametrize(
    ("status", "last", "back"),
    [("won", ["closed"], 1000), ("lost", ["closed", "funds_rescinded"], 0)],
)
def test_a_provisional_credit_is_kept_or_taken_back(desk, status, last, back):
    made = dispute(desk)
    path = f"{HELPERS}/disputes/{made['id']}/provisional_credit"
    desk.refused(path)
    submit(desk, made)
    desk.post(path)
    assert desk.balance() == 100_000_00
    assert desk.heard("issuing_dispute")[-1] == "issuing_dispute.funds_reinstated"
    desk.refused(path)
    desk.post(f"{HELPERS}/disputes/{made['id']}/close", status=status)
    assert desk.balance() == 100_000_00 - 1000 + back
    heard = [f"issuing_dispute.{name}" for name in ("funds_reinstated", *last)]
    assert desk.heard("issuing_dispute")[-len(heard) :] == heard
    entries = now(desk, made, **{"expand[]": "balance_transactions"})["balance_transactions"]
    assert sum(entry["net"] for entry in entries) == back


def test_other_evidence_waits_for_ever(desk):
    made = submit(desk, dispute(desk))
    desk.bench.advance(hours=200 * DAY_H)
    assert now(desk, made)["status"] == "submitted"


def test_what_is_not_submitted_in_time_expires(desk):
    made = dispute(desk)
    desk.bench.advance(hours=110 * DAY_H, seconds=-1)
    assert now(desk, made)["status"] == "unsubmitted"
    desk.bench.advance(seconds=1)
    assert now(desk, made)["status"] == "expired"
    assert desk.heard("issuing_dispute")[-1] == "issuing_dispute.closed"
    for path, params in ((f"{DISPUTES}/{made['id']}", {"amount": 1}), (f"{DISPUTES}/{made['id']}/submit", {})):
        assert "expired" in desk.refused(path, **params)["message"]


@pytest.mark.parametrize(("reason", "days"), [("fraudulent", 110), ("no_valid_authorization", 65)])
def test_the_time_to_dispute(desk, reason, days):
    in_time, late = desk.bought(desk.card(), 100), desk.bought(desk.card(), 100)
    open_one = dispute(desk, desk.bought(desk.card(), 100), evidence=evidence(reason))
    desk.bench.advance(hours=days * DAY_H, seconds=-1)
    dispute(desk, in_time, evidence=evidence(reason))
    desk.bench.advance(seconds=1)
    error = desk.refused(DISPUTES, transaction=late["id"], evidence=evidence(reason))
    assert error["param"] == "transaction"
    desk.refused(f"{DISPUTES}/{open_one['id']}/submit")


def test_too_many_disputes_of_a_card_for_fraud_are_lost(desk):
    card = desk.limited((1_000_000, "daily"))
    made = [submit(desk, dispute(desk, desk.bought(card, 100))) for _ in range(35)]
    last = submit(desk, dispute(desk, desk.bought(card, 100), evidence=evidence(explanation="winning_evidence")))
    other = submit(desk, dispute(desk, evidence=evidence(explanation="winning_evidence")))
    desk.bench.advance(seconds=3)
    assert {now(desk, one)["status"] for one in made} == {"submitted"}
    assert now(desk, last)["loss_reason"] == "excess_disputes_in_timeframe"
    assert now(desk, other)["status"] == "won"
