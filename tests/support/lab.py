"""A learner's JupyterLab, driven as a person drives it."""

import base64
import json
import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator, Page, expect

READY = ".jp-NotebookPanel .jp-Cell"
HUB_ERROR = "div.error > h1"
START_MILLISECONDS = 120_000

_FETCH = """
async ({path, method, body}) => {
  const cookie = document.cookie.split('; ').find(one => one.startsWith('_xsrf='));
  const headers = {'Content-Type': 'application/json'};
  if (cookie) headers['X-XSRFToken'] = decodeURIComponent(cookie.slice('_xsrf='.length));
  const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
  const answer = await fetch(base + path, {method, headers, body});
  return {status: answer.status, text: await answer.text()};
}
"""

# The markers are written in two halves, so that the terminal's echo of the command line
# cannot be taken for the command's own output.
_TERMINAL = """
async ({name, encoded, seconds}) => {
  const base = JSON.parse(document.getElementById('jupyter-config-data').textContent).baseUrl;
  const scheme = location.protocol === 'https:' ? 'wss://' : 'ws://';
  const socket = new WebSocket(scheme + location.host + base + 'terminals/websocket/' + name);
  const line = `printf 'BE''GIN\\\\n'; (eval "$(echo ${encoded} | base64 -d)") </dev/null 2>&1; `
    + `printf '\\\\nEN''D%s.\\\\n' $?\\r`;
  let seen = '', sent = false;
  return await new Promise((resolve, reject) => {
    setTimeout(() => { socket.close(); reject(new Error('no end in: ' + seen)); }, seconds * 1000);
    socket.onerror = () => reject(new Error('the terminal refused the connection'));
    socket.onmessage = message => {
      const [kind, text] = JSON.parse(message.data);
      if (kind === 'setup' && !sent) { sent = true; socket.send(JSON.stringify(['stdin', line])); }
      if (kind === 'stdout') seen += text;
      const end = /BEGIN\\r?\\n([^]*)\\r?\\nEND(\\d+)\\./.exec(seen);
      if (end) { socket.close(); resolve({output: end[1], status: Number(end[2])}); }
    };
  });
}
"""


@dataclass(frozen=True)
class Ran:
    """What a command in the learner's terminal printed, and its exit status."""

    output: str
    status: int


@dataclass
class Lab:
    """One open JupyterLab."""

    page: Page

    def wait_until_ready(self) -> None:
        """Wait until the shell stands, its splash is gone and a notebook shows its cells."""
        wait_for_notebook(self.page)

    def request(self, path: str, method: str = "GET", body: object = None) -> Any:
        """Call the learner's own server with the page's cookies; raise on an error."""
        content = None if body is None else json.dumps(body)
        answer = self.page.evaluate(_FETCH, {"path": path, "method": method, "body": content})
        if answer["status"] >= 400:
            raise AssertionError(f"{method} {path}: {answer['status']} {answer['text'][:2000]}")
        return json.loads(answer["text"]) if answer["text"] else None

    def save(self, folder: str, files: dict[str, bytes]) -> None:
        """Write files under `folder`, through the same API as the editor's Save."""
        made = set()
        for name, content in files.items():
            parents = [*folder.split("/"), *name.split("/")[:-1]]
            for depth in range(1, len(parents) + 1):
                path = "/".join(parents[:depth])
                if path not in made and depth > len(folder.split("/")):
                    self.request(f"api/contents/{path}", "PUT", {"type": "directory"})
                made.add(path)
            encoded = base64.b64encode(content).decode()
            model = {"type": "file", "format": "base64", "content": encoded}
            self.request(f"api/contents/{folder}/{name}", "PUT", model)

    def names(self, folder: str) -> set[str]:
        """Return the names in a folder."""
        listing = self.request(f"api/contents/{folder}?content=1")
        return {entry["name"] for entry in listing["content"]}

    def run(self, command: str, *, seconds: int = 60) -> Ran:
        """Run a command in a terminal of this JupyterLab."""
        name = self.request("api/terminals", "POST", {})["name"]
        encoded = base64.b64encode(command.encode()).decode()
        arguments = {"name": name, "encoded": encoded, "seconds": seconds}
        try:
            answer = self.page.evaluate(_TERMINAL, arguments)
        finally:
            self.request(f"api/terminals/{name}", "DELETE")
        return Ran(answer["output"].replace("\r\n", "\n").rstrip("\r\n"), answer["status"])

    def open_file(self, path: str) -> Locator:
        """Open a file from the address bar; return its editor."""
        base = re.match(r".*?/lab", self.page.url)
        if base is None:
            raise AssertionError(f"{self.page.url} is no JupyterLab")
        self.page.goto(f"{base.group(0)}/tree/{path}")
        editor = self.page.locator(".jp-FileEditor:visible .cm-content")
        editor.wait_for(timeout=START_MILLISECONDS)
        return editor

    def submit_from_the_assignment_list(self, project: str) -> None:
        """Press Submit in nbgrader's own panel."""
        self.dismiss_dialogs()
        self.page.get_by_role("menuitem", name="Nbgrader").click()
        self.page.locator(".lm-Menu-item", has_text="Assignment List").click()
        row = self.page.locator("#fetched_assignments_list > .list_item", has_text=project)
        button = row.get_by_role("button", name="Submit", exact=True)
        button.wait_for()
        with self.page.expect_response(re.compile("/assignments/submit")) as answer:
            button.click()
        body = answer.value.json()
        if not body["success"]:
            raise AssertionError(f"nbgrader did not submit: {body}")
        submitted = self.page.locator("#submitted_assignments_list > .list_item", has_text=project)
        expect(submitted.first).to_be_visible()

    def press_submit(self) -> None:
        """Press the Submit button over the open notebook, and wait for the receipt."""
        self.dismiss_dialogs()
        notebook = self.page.get_by_role("tab", name=re.compile(r"\.ipynb$"))
        notebook.first.click()
        panel = self.page.locator(".jp-NotebookPanel:visible")
        button = panel.get_by_role("button", name="Submit", exact=True)
        with self.page.expect_response(re.compile("/milepost/submit/")) as answer:
            button.click()
        if not answer.value.ok:
            raise AssertionError(f"the Submit button got {answer.value.text()}")

    def dismiss_dialogs(self) -> None:
        """Close whatever asks a question over the page."""
        for dialog in self.page.locator(".jp-Dialog").all():
            dialog.locator("button.jp-mod-accept").click()


def wait_for_notebook(page: Page) -> None:
    """Wait until JupyterLab stands, its splash is gone and a notebook shows its cells."""
    shown = page.locator(READY).or_(page.locator(HUB_ERROR)).first
    shown.wait_for(timeout=START_MILLISECONDS)
    if page.locator(HUB_ERROR).count():
        raise AssertionError(f"the Hub says: {page.locator(HUB_ERROR).inner_text()}")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
