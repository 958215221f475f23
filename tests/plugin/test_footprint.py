"""What the plugin costs those who do not use it, and what it takes from their names: nothing."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("pydantic", "orjson", "httpx", "stripe", "uvicorn", "cryptography", "countertop.bench", "countertop.api")


def python(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("module", HEAVY)
def test_importing_the_plugin_imports_nothing_heavy(module):
    code = f"import sys, pytest; import countertop.pytest_plugin; print({module!r} in sys.modules)"
    assert python(code) == "False\n"


def test_a_run_that_does_not_use_the_bench_imports_nothing_heavy(run):
    result = run(
        f"""
        import sys

        def test_it():
            loaded = [name for name in {HEAVY!r} if name in sys.modules]
            assert loaded == []
        """
    )
    result.assert_outcomes(passed=1)


def test_packages_of_the_user_with_the_names_of_our_folders_are_the_users(run, pytester):
    names = ("emulator", "drivers", "tui", "firmware_fixtures", "tests", "examples", "benchmarks", "scripts")
    for name in names:
        pytester.mkpydir(name).joinpath("mine.py").write_text(f"WHOSE = 'the user: {name}'\n")
    pytester.makeconftest("")
    lines = "\n".join(f"    from {name} import mine; assert mine.WHOSE == 'the user: {name}'" for name in names)
    source = f"def test_names(bench):\n{lines}\n    assert bench.reader().tap is not None\n"
    for mode in ("prepend", "importlib"):
        result = run(source, f"--import-mode={mode}", "-o", "pythonpath=.")
        result.assert_outcomes(passed=1)


def test_the_bench_works_without_pytest():
    out = python(
        "import sys\n"
        "from countertop import Bench\n"
        "with Bench() as bench:\n"
        "    reader = bench.reader()\n"
        "    inbox = bench.inbox('payment_intent.succeeded')\n"
        "    intent = bench.call('POST', '/v1/payment_intents', {'amount': 1250, 'currency': 'usd',\n"
        "                        'payment_method_types': ['card_present']})\n"
        "    bench.call('POST', f'/v1/terminal/readers/{reader.id}/process_payment_intent',\n"
        "               {'payment_intent': intent['id']})\n"
        "    reader.tap('visa')\n"
        "    print(inbox.types, 'pytest' in sys.modules)\n"
    )
    assert out == "['payment_intent.succeeded'] False\n"
