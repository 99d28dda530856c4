"""JupyterLab as the learner's editor."""

import re

from playwright.sync_api import TimeoutError as Late
from playwright.sync_api import expect

from tests.support.lab import Lab
from tests.support.solutions import COURSE, FIRST

PATIENCE = 60_000
TRIES = 6
FILE = "editor_check.py"


def test_it_completes_and_shows_errors_as_they_are_typed(lab: Lab):
    lab.save(f"{COURSE}/{FIRST}", {FILE: b"import os\n\nprint(undefined_name)\n"})
    editor = lab.open_file(f"{COURSE}/{FIRST}/{FILE}")
    page = lab.page
    wrong = editor.locator(".cm-lintRange-error")
    expect(wrong.filter(has_text="undefined_name")).to_be_visible(timeout=PATIENCE)
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("another_missing_name")
    page.keyboard.press("Enter")
    expect(wrong.filter(has_text="another_missing_name")).to_be_visible(timeout=PATIENCE)
    page.keyboard.type("os.getcw")
    # The language server reads the standard library first: whoever types asks once more.
    offered = page.locator(".jp-Completer-item", has_text="getcwd").first
    for _ in range(TRIES):
        page.keyboard.press("Tab")
        try:
            offered.wait_for(timeout=PATIENCE / TRIES)
            break
        except Late:
            continue
    expect(offered).to_be_visible()
    page.keyboard.press("Escape")


def test_its_extensions_are_enabled(lab: Lab):
    ran = lab.run("jupyter labextension list 2>&1; jupyter server extension list 2>&1")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", ran.output)
    for name in (
        "@jupyter/nbgrader",
        "@jupyter-lsp/jupyterlab-lsp",
        "jupyterlab_code_formatter",
        "@jupyter-server/resource-usage",
        "@jupyterlab/git",
    ):
        assert re.search(rf"{name} v\S+ enabled OK", plain), plain
    for name in (
        "jupyter_lsp",
        "jupyter_resource_usage",
        "jupyterlab_code_formatter",
        "jupyterlab_git",
        "jupyterlab_milepost",
        "nbgrader.server_extensions.assignment_list",
    ):
        assert re.search(rf"{name}\S* enabled", plain), plain


def test_it_formats_a_file(lab: Lab):
    lab.save(f"{COURSE}/{FIRST}", {FILE: b"x = [1,\n2]\n"})
    found = lab.request("jupyterlab_code_formatter/formatters")
    ready = [name for name, one in found["formatters"].items() if one["enabled"]]
    assert "ruff" in ready or "black" in ready
    formatter = "black" if "black" in ready else "ruff"
    answer = lab.request(
        "jupyterlab_code_formatter/format",
        "POST",
        {"code": ["x = [1,\n2]\n"], "notebook": False, "formatter": formatter, "options": {}},
    )
    assert answer["code"] == [{"code": "x = [1, 2]\n"}]


def test_it_shows_memory_and_knows_git(lab: Lab):
    expect(lab.page.locator("#jp-main-statusbar")).to_contain_text(re.compile(r"Mem:\s+[\d.]+"))
    ran = lab.run(
        "git --version && mkdir -p /tmp/repo && git -C /tmp/repo init --quiet && echo made"
    )
    assert ran.output.endswith("made"), ran.output
    assert lab.request("git/settings?version=0.55.0")["gitVersion"]
